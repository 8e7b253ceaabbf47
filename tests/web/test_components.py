"""Components keep what the pages rely on: safe attributes, reasons, no inline code."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.utils import timezone
from django.utils.safestring import mark_safe
from django_cotton.compiler_regex import CottonCompiler

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
