"""A real console, as `./console up` starts it, and a real browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

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


@pytest.fixture(scope="module")
def _sync_database() -> Iterator[None]:
    """Playwright's own event loop runs in this thread; Django must not take it for async code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def home(_sync_database: None, live_server: LiveServer, settings: Settings) -> str:
    """The pages alone, from this very process: for what needs no Airflow."""
    settings.BASE_URL = live_server.url
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return str(live_server.url)


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
