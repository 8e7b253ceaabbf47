"""Components keep what the pages rely on: safe attributes, reasons, no inline code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
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
