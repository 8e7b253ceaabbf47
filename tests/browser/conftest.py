"""A real console, as `./console up` starts it, and a real browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from astro_ui.bench.waiting import until
from tests.browser.chromium import chromium
from tests.consoles import fresh_console

SHOTS = os.environ.get("ASTRO_UI_SHOTS", "")
"""A folder that gets a picture of each page of the journey, for people to look at."""


@dataclass(frozen=True)
class Console:
    base_url: str
    set_up_link: str
    data: Path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    with fresh_console() as environment:
        data = Path(environment["ASTRO_UI_DATA"])
        pattern = re.compile(r"http://\S+/setup/\?key=\S+")
        link = until(lambda: pattern.search((data / "up.log").read_text()), "the link").group()
        yield Console(environment["ASTRO_UI_BASE_URL"], link, data)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser profile; a script that breaks or is blocked fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.on(
        "console",
        lambda message: (
            broken.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield opened
    if SHOTS:
        opened.screenshot(path=Path(SHOTS) / "last.png", full_page=True)
    context.close()
    assert broken == []
