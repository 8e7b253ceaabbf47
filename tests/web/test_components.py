"""Components keep what the pages rely on: safe attributes, reasons, no inline code."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.test import RequestFactory
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.safestring import mark_safe
from django_cotton.compiler_regex import CottonCompiler

from web.lists import ListQuery, ListSpec
from web.navigation import Entry

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
SPRITE = Path(settings.BASE_DIR) / "static/vendor/tabler-icons/icons.svg"


def render(source: str, **context: object) -> str:
    return engines["django"].from_string(CottonCompiler().process(source)).render(context)


def test_attributes_pass_through_escaped() -> None:
    html = render('<c-button :data-name="name" hx-post="/x">Go</c-button>', name="\"'><script>")

    assert 'hx-post="/x"' in html
    assert "<script>" not in html
    assert 'data-name="&quot;&#x27;&gt;&lt;script&gt;"' in html


def test_a_disabled_button_says_why_and_does_nothing() -> None:
    html = render(
        '<c-button :disabled="True" reason="Needs Workspace Operator" type="submit" hx-post="/x">'
        "Hibernate</c-button>"
    )

    assert 'aria-disabled="true"' in html
    assert "Needs Workspace Operator" in html
    assert "hx-post" not in html
    assert 'type="submit"' not in html


@pytest.mark.parametrize(
    ("state", "word", "tone"),
    [
        ("HEALTHY", "Healthy", "ok"),
        ("DEPLOYING", "Deploying", "busy"),
        ("UNHEALTHY", "Unhealthy", "bad"),
        ("HIBERNATING", "Hibernating", "rest"),
        ("UNKNOWN", "Unknown", "unknown"),
        ("up_for_retry", "Up for retry", "warn"),
        ("never_heard_of", "Never heard of", "unknown"),
    ],
)
def test_a_state_is_icon_word_and_colour(state: str, word: str, tone: str) -> None:
    html = render('<c-status :state="state" />', state=state)

    assert word in html
    assert f"tone-{tone}" in html
    assert "icons.svg#" in html


def test_a_state_takes_a_word_of_its_own_a_reason_and_further_attributes() -> None:
    html = render(
        '<c-status :state="state" reason="{{ why }}" id="{{ why }}">as <b>planned</b></c-status>',
        state="HEALTHY",
        why="<2 of 4>",
    )

    assert "as <b>planned</b></span>" in html
    assert "Healthy" not in html
    assert '<span class="status__reason">&lt;2 of 4&gt;</span>' in html
    assert 'id="&lt;2 of 4&gt;"' in html


def test_an_icon_keeps_its_gap_to_the_words_beside_it() -> None:
    html = render('<b>2</b><c-icon name="check" size="s" :spin="True" class="late" /><i>done</i>')

    assert re.sub(r"\s+", " ", html) == (
        '<b>2</b> <svg class="icon icon--s spin late" aria-hidden="true" focusable="false">'
        '<use href="/static/vendor/tabler-icons/icons.svg#check"></use></svg> <i>done</i>'
    )


def test_text_that_was_once_marked_as_safe_is_still_escaped_when_it_is_not() -> None:
    source = '<c-icon :name="name" :class="name" />'
    marked = render(source, name=mark_safe('a"b'))
    plain = render(source, name='a"b')

    assert 'a"b' in marked
    assert 'a"b' not in plain


def test_a_time_says_how_long_ago_and_when_exactly() -> None:
    at = timezone.now() - timedelta(minutes=5)
    html = render('<c-time :at="at" />', at=at)

    assert "<span data-said>5 min ago</span>" in html
    assert f"{at:%Y-%m-%d %H:%M:%S} UTC" in html
    assert f'datetime="{at.isoformat(timespec="milliseconds")}"' in html


def test_a_time_that_never_was_says_so() -> None:
    assert "never" in render('<c-time :at="at" />', at=None)
    assert "not &lt;yet&gt;" in render(
        '<c-time :at="at" :none="none" />', at=None, none="not <yet>"
    )


def test_an_avatar_shows_the_initials_of_a_name() -> None:
    html = render('<c-avatar :name="name" shape="square" />', name="Wanda <Maximoff>")

    assert "avatar--square" in html
    assert ">W&lt;</span>" in html


def test_a_button_with_an_address_is_a_link_and_one_without_words_has_a_name() -> None:
    link = render('<c-button href="{{ to }}" icon_end="chevron-right">Next</c-button>', to="/?a&b")
    alone = render('<c-button type="submit" icon="x" label="{{ word }}" />', word="<Close>")

    assert re.search(r'<a href="/\?a&amp;b" class="button">\s*Next\s*<svg', link)
    assert 'type="submit" class="button button--icon"' in alone
    assert '<span class="sr-only">&lt;Close&gt;</span>' in alone


def test_a_menu_item_leads_somewhere_or_says_why_not() -> None:
    link = render('<c-menu-item href="/x" danger :current="True" rel="up">Go</c-menu-item>')
    refused = render(
        '<c-menu-item :disabled="True" reason="{{ why }}">Go</c-menu-item>', why="<no>"
    )

    assert 'href="/x" class="menu__item menu__item--danger" aria-current="true" rel="up"' in link
    assert 'aria-disabled="true"' in refused
    assert '<span class="menu__reason">&lt;no&gt;</span>' in refused


def test_a_line_of_the_sidebar_marks_where_one_is() -> None:
    here = Entry("<Home>", "/?a&b", "home", is_current=True, badge="3")
    html = render('<c-nav-link :entry="entry" />', entry=here)

    assert 'href="/?a&amp;b" title="&lt;Home&gt;" aria-current="page"' in html
    assert '<span class="nav-link__badge">3</span>' in html


def test_the_head_of_a_column_says_how_it_is_sorted_and_how_it_could_be() -> None:
    request = RequestFactory().get("/list/?q=a%26b&sort=-name")
    query = ListQuery(request, ListSpec(sorts={"name": "name"}, default_sort="name"))

    sorted_by = render('<c-th sort="name" :query="query" align="end">Name</c-th>', query=query)
    plain = render('<c-th label="Mark" /><c-th colspan="2">Name</c-th>')

    assert '<th scope="col" class="end" aria-sort="descending">' in sorted_by
    assert 'href="/list/?q=a%26b" data-active>Name' in sorted_by
    assert '<th scope="col" class=""><span class="sr-only">Mark</span></th>' in plain
    assert '<th scope="col" class="" colspan="2">Name</th>' in plain


def test_a_link_is_the_address_of_its_route_with_each_value_quoted() -> None:
    html = render("<a href=\"{% url 'deployments:detail' id %}\">", id="a b&c")

    assert html == '<a href="/deployments/a%20b&amp;c/">'


def test_a_link_to_no_route_is_a_fault_of_the_page() -> None:
    with pytest.raises(NoReverseMatch):
        render("{% url 'deployments:detail' id %}", id="")


def test_what_is_constant_is_drawn_once_and_knows_no_page() -> None:
    template = engines["django"].from_string(
        CottonCompiler().process("{% constant %}<c-button>{{ name }}</c-button>{% endconstant %}")
    )

    assert "Wanda" not in template.render({"name": "Wanda"})
    assert template.render({}) == template.render({"name": "Olivia"})


def test_a_component_does_not_see_the_variables_of_the_page() -> None:
    html = render("<c-button>Go</c-button>", href="/leak", disabled=True, reason="leak")

    assert "leak" not in html


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text()))
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r'(?:<c-icon name|\bicon|icon_end)="([\w-]+)"', template.read_text())
    }

    assert named - known == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_needs_what_the_content_security_policy_refuses(template: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", template.read_text(), flags=re.DOTALL)

    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\shx-on|\son\w+=|js:|{{ attrs }}", text)
