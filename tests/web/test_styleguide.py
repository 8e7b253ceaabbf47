"""The style guide, in a real browser: accessible in both themes, at both widths, by keyboard."""

from __future__ import annotations

import gzip
import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GUIDE = "/_styleguide"


@pytest.mark.django_db
def test_strangers_do_not_see_it(client: Client) -> None:
    assert client.get(GUIDE).status_code == 404


@pytest.mark.django_db
def test_its_own_markup_and_styles_stay_small(client: Client, settings: Settings) -> None:
    settings.DEBUG = True
    folder = Path(django_settings.BASE_DIR) / "static"
    own = [*folder.glob("css/**/*.css"), *folder.glob("js/*.js")]
    assets = sum(len(gzip.compress(path.read_bytes())) for path in own)
    page = len(gzip.compress(client.get(GUIDE).content))

    assert assets + page <= 40_000


def test_every_static_file_is_found_by_its_hashed_name(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "web.storage.HashedStorage"}
    }

    call_command("collectstatic", interactive=False, verbosity=0)

    main = next(tmp_path.glob("js/main.*.js")).read_text()
    assert re.search(r'from "\./palette\.[0-9a-f]{12}\.js"', main)
    base = next(tmp_path.glob("css/base.*.css")).read_text()
    assert re.search(r"inter-latin-wght-normal\.[0-9a-f]{12}\.woff2", base)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium: apt-get install chromium")
    # Playwright's own event loop runs in this thread; Django must not take it for async code.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def guide(live_server: LiveServer, settings: Settings) -> str:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["*"]
    return f"{live_server.url}{GUIDE}"


@pytest.fixture
def page(browser: Browser, guide: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(guide)
    yield opened
    context.close()
    assert complaints == []


def test_its_tray_asks_for_the_tray_alone(client: Client, settings: Settings) -> None:
    settings.DEBUG = True
    address = re.search(r'id="tray".*?hx-get="([^"]+)"', client.get(GUIDE).content.decode())

    assert address
    answer = client.get(html.unescape(address[1])).content.decode()

    assert 'id="tray"' in answer
    assert "<html" not in answer


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(browser: Browser, guide: str, theme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "theme", "value": theme, "url": guide}])
    page = context.new_page()
    page.goto(guide)

    found = Axe().run(page).response["violations"]
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    context.close()

    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert overflow <= 0


@pytest.mark.browser
def test_the_palette_finds_and_opens_by_keyboard(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("finance")
    expect(page.locator("#palette [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("#finance-close$"))
    expect(page.locator("#palette")).to_be_hidden()

    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_contain_text("Recent")


@pytest.mark.browser
def test_an_open_menu_survives_that_its_region_is_drawn_anew(page: Page) -> None:
    menu = page.locator("main details[data-menu]").first
    menu.locator("summary").click()
    page.keyboard.press("ArrowDown")
    chosen = page.locator(":focus").inner_text()
    page.evaluate("document.querySelector('main details[data-menu]').dataset.old = 'yes'")

    page.evaluate(
        "at => htmx.ajax('GET', location.href, {target: at, select: at, swap: 'outerHTML'})",
        "main .page-header",
    )

    expect(page.locator("main details[data-old]")).to_have_count(0)
    expect(menu).to_have_attribute("open", "")
    expect(page.locator(":focus")).to_have_text(chosen)


@pytest.mark.browser
def test_rows_are_walked_marked_and_opened_by_keyboard(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_label("Mark staging-etl")).to_be_checked()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("#staging-etl$"))


@pytest.mark.browser
def test_slash_searches_and_question_mark_shows_the_map(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.get_by_label("Search Deployments").last).to_be_focused()
    page.keyboard.type("?")
    expect(page.locator("#keys")).to_be_hidden()

    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


@pytest.mark.browser
def test_deleting_needs_the_typed_name(page: Page) -> None:
    page.get_by_role("button", name="Delete prod-etl").click()
    send = page.locator("#delete [type=submit]").last
    expect(send).to_have_attribute("aria-disabled", "true")

    page.locator("#delete [name=confirmation]").fill("prod-etl")

    expect(send).not_to_have_attribute("aria-disabled", "true")


@pytest.mark.browser
def test_the_theme_is_remembered_by_the_server(page: Page) -> None:
    page.get_by_label("Theme", exact=True).first.click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.browser
def test_a_log_is_searched_and_stops_following(page: Page) -> None:
    log = page.locator("#log")
    log.get_by_label("Find in log").fill("broken")

    expect(log.locator("mark").first).to_have_text("broken")
    expect(log.locator("[data-log-count]")).to_have_text("1 of 5")
    expect(log.locator("[data-log-tail]")).to_have_attribute("aria-pressed", "false")


@pytest.mark.browser
def test_a_refused_upload_says_why_and_can_be_repeated(browser: Browser, guide: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(guide)
    archive = {"name": "dags.zip", "mimeType": "application/zip", "buffer": b"PK"}
    page.locator("#upload-file").set_input_files(archive)  # type: ignore[arg-type]
    zone = page.locator("[data-dropzone]")
    expect(zone).to_contain_text("dags.zip")

    zone.get_by_role("button", name="Deploy").click()

    expect(zone.get_by_role("alert")).to_contain_text("This form is too old")
    expect(zone.get_by_role("button", name="Deploy")).not_to_have_attribute("aria-busy", "true")
    context.close()
