"""The page of SCIM in a real browser: switched on, shown what was called and who is left over."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from access.roles import Role
from accounts.models import Organization, User
from accounts.services.provisioning import calls
from astro_ui.bench.waiting import until
from tests import factories
from tests.browser.looking import look
from tests.gateway.conftest import session_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module", autouse=True)
def _sync_database() -> Iterator[None]:
    """Playwright's own event loop runs in this thread; Django must not take it for async code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


def test_it_is_switched_on_and_shows_calls_and_who_is_left_over(
    page: Page,
    live_server: LiveServer,
    settings: Settings,
    acme: Organization,
    olivia: User,
    mia: User,
) -> None:
    settings.BASE_URL = live_server.url
    name, value = settings.SESSION_COOKIE_NAME, session_of(olivia)
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page.goto(f"{live_server.url}/organizations/{acme.pk}/settings/")
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="SCIM").click()
    expect(page.get_by_text("No calls yet")).to_be_visible()
    look(page, "scim-off")

    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("SCIM is on now")).to_be_visible()
    _call(acme)
    page.reload()
    expect(page.get_by_text("Another user of this Organization has this userName.")).to_be_visible()
    page.get_by_text("Entra ID").click()
    look(page, "scim-on")
    page.get_by_label("Outcome").select_option("refused")
    expect(page.get_by_role("row", name="GET")).to_have_count(0)

    page.get_by_role("link", name="Who is left over").click()
    expect(page.get_by_role("row", name="mia@example.com")).to_be_visible()
    look(page, "scim-left-over")
    page.goto(f"{live_server.url}/organizations/{acme.pk}/teams/")
    look(page, "scim-teams")


def _call(acme: Organization) -> None:
    bearer = factories.organization_token(acme, Role.ORGANIZATION_OWNER)
    client = Client(headers={"Authorization": f"Bearer {bearer}"})
    for path, body in (
        ("Users", {"userName": "nina@elsewhere.org"}),
        ("Users", {"userName": "NINA@elsewhere.org"}),
        ("Groups", {"displayName": "Analysts"}),
    ):
        client.post(
            f"/scim/v2/{acme.pk}/{path}", json.dumps(body), content_type="application/scim+json"
        )
    client.get(f"/scim/v2/{acme.pk}/Users", {"filter": "userName pr"})
    until(lambda: len(calls.last(acme.pk)) == 4, "all calls in the book")
