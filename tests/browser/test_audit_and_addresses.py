"""The pages of sinks and of IP access in a real browser: usable by everybody, in each state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import AuditSink, Organization, User
from audit.models import AuditRecord
from tests.browser.looking import look
from tests.gateway.conftest import session_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module", autouse=True)
def _sync_database() -> Iterator[None]:
    """Playwright's own event loop runs in this thread; Django must not take it for async code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def home(live_server: LiveServer, settings: Settings, page: Page, olivia: User) -> str:
    """Olivia is signed in."""
    settings.BASE_URL = live_server.url
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    name, value = settings.SESSION_COOKIE_NAME, session_of(olivia)
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    return live_server.url


def test_a_list_is_tried_before_it_counts(
    page: Page, home: str, acme: Organization, mia: User
) -> None:
    AuditRecord.objects.create(
        organization_id=acme.pk, actor_kind="USER", actor_id=mia.pk, action="deployments.deploy",
        source_ip="198.51.100.9",
    )  # fmt: skip
    page.goto(f"{home}/organizations/{acme.pk}/settings/")
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="IP access").click()
    page.get_by_label("Admit these networks only").check()
    page.get_by_role("textbox", name="Networks").fill("203.0.113.0/24 Office\n192.0.2.7/24")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Did you mean 192.0.2.0/24?")).to_be_visible()
    page.get_by_role("textbox", name="Networks").fill("127.0.0.0/8 This machine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 person used other addresses")).to_be_visible()
    look(page, "ip-access")

    page.get_by_role("button", name="Save and shut them out").click()

    expect(page.get_by_text("The list was saved")).to_be_visible()
    acme.refresh_from_db()
    assert acme.admitted_networks == ["127.0.0.0/8"]


def test_a_sink_is_added_and_its_failure_shown(page: Page, home: str, acme: Organization) -> None:
    page.goto(f"{home}/organizations/{acme.pk}/audit/")
    page.get_by_role("link", name="Sinks").click()
    look(page, "sinks-none")
    page.get_by_role("link", name="HTTP").click()
    look(page, "sink-new")
    page.get_by_label("Name", exact=True).fill("SIEM")
    page.get_by_label("Address").fill("https://siem.example.com/in")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("link", name="SIEM")).to_be_visible()

    AuditSink.objects.update(failures=3, fault="It answered with status 503.")
    page.reload()
    look(page, "sinks")
    page.get_by_role("link", name="SIEM").click()
    expect(page.get_by_text("It took nothing 3 times in a row")).to_be_visible()
    look(page, "sink")
