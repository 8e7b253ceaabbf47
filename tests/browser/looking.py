"""Looking at a page as its users would: both themes, wide and narrow, with a screen reader."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import SHOTS

_WIDE = {"width": 1440, "height": 900}
_NARROW = {"width": 390, "height": 844}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}

STANDS_STILL = """async () => {
    const drawn = () => new Promise(requestAnimationFrame);
    await drawn();
    await drawn();
    return document.getAnimations().every(each => !(each instanceof CSSTransition));
}"""
"""In the middle of a change of theme a button has the colours of both."""

_CURRENT_TABS = """() => [...document.querySelectorAll(".tabs > [aria-current]")]
    .map(tab => tab.getBoundingClientRect())
    .every(place => place.left >= 0 && place.right <= innerWidth)"""


def look(page: Page, name: str) -> None:
    """Assert that axe finds nothing in either theme at either width; keep the pictures."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if theme == "light" else "dark")
        for width, size in (("wide", _WIDE), ("narrow", _NARROW)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if SHOTS:
                path = Path(SHOTS) / f"{name}-{theme}-{width}.png"
                page.screenshot(path=path, full_page=True)
            page.wait_for_function(STANDS_STILL)
            assert page.evaluate(_CURRENT_TABS), f"{name} {width}: the current tab is outside"
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{name} {theme} {width}: {found.generate_report()}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(_WIDE)  # type: ignore[arg-type]
