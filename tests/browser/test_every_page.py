"""Every page of the route matrix, as its Owner and the operator see it: axe finds nothing."""

from __future__ import annotations

import pytest
from asgiref.sync import iscoroutinefunction
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from django.urls import resolve, reverse
from playwright.sync_api import Page

from accounts.models import User
from tests.architecture.routes import ROOMS, Route, all_routes
from tests.browser.looking import RULES, STANDS_STILL

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def _pages(room: str, person: str) -> list[Route]:
    """What somebody may see there. Two routes with other arguments are two pages."""
    return [
        route
        for route in all_routes()
        if route.name.split(":")[0] == room
        and route.method == "GET"
        and route.status_for(person) == 200
    ]


def _addresses(room: str, person: str, client: Client, request: pytest.FixtureRequest) -> list[str]:
    """Of pages, not of streams, files and parts."""
    found = []
    for route in _pages(room, person):
        ids = [request.getfixturevalue(name).pk for name in route.args]
        address = reverse(route.name, args=ids)
        if iscoroutinefunction(resolve(address).func):
            continue
        answer = client.get(address)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if is_page and not answer.streaming and b"</html>" in answer.content:
            found.append(address)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("person", ["olivia", "opal"])
@pytest.mark.parametrize("room", [room for room in ROOMS if _pages(room, "olivia")])
def test_nothing_is_found_in_either_theme(
    room: str, person: str, home: str, page: Page, request: pytest.FixtureRequest
) -> None:
    somebody: User = request.getfixturevalue(person)
    client = Client()
    client.force_login(somebody)
    key = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": django_settings.SESSION_COOKIE_NAME, "value": key, "url": home}]
    )
    found = []
    for address in _addresses(room, person, client, request):
        page.goto(home + address)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme="light" if theme == "light" else "dark")
            page.wait_for_function(STANDS_STILL)
            report = Axe().run(page, options=RULES)
            if report.violations_count:
                found.append(f"{address} {theme}: {report.generate_report()}")
    assert not found, "\n".join(found)
