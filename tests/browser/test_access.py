"""Machines and people let in, in a real browser: a token's life, and an invitation's."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from access.roles import Role
from accounts.models import Organization, User
from tests import factories
from tests.browser.looking import look
from tests.browser.test_person import is_in, with_password
from workspaces.models import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def status_of(value: str, place: str) -> int:
    return Client().get(place, headers={"Authorization": f"Bearer {value}"}).status_code


def shown_value(page: Page) -> str:
    expect(page.locator("main")).to_contain_text("shown only now")
    return (
        page.get_by_role("button", name="Copy API token", exact=True).get_attribute("data-copy")
        or ""
    )


def test_a_token_is_made_used_rotated_and_its_old_value_refused(
    page: Page, home: str, olivia: User, acme: Organization, science: Workspace
) -> None:
    with_password(page, home, olivia)
    is_in(page)
    place = f"/v1/organizations/{acme.pk}/workspaces/{science.pk}"
    page.goto(f"{home}/workspaces/{science.pk}/tokens/")
    page.get_by_role("link", name="Create API token").first.click()
    page.fill("[name=name]", "deploy from GitHub")
    page.fill("[name=address_ranges]", "10.0.0.0/99")
    page.get_by_role("button", name="Create API token").click()
    expect(page.locator("[name=address_ranges]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=name]")).to_have_value("deploy from GitHub")
    page.fill("[name=address_ranges]", "127.0.0.0/8")
    page.get_by_role("button", name="Create API token").dblclick()
    first = shown_value(page)
    look(page, "token-made")
    assert status_of(first, place) == 200

    page.get_by_role("link", name="Open deploy from GitHub").click()
    expect(page.locator("main")).to_contain_text("from 127.0.0.1")
    look(page, "token")
    page.get_by_role("link", name="Rotate").click()
    page.get_by_role("button", name="Rotate deploy from GitHub").click()
    second = shown_value(page)
    assert (status_of(first, place), status_of(second, place)) == (401, 200)

    page.get_by_role("link", name="All API tokens").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    look(page, "tokens")
    page.get_by_role("link", name="deploy from GitHub", exact=True).click()
    page.get_by_role("link", name="Delete").click()
    page.fill("[name=confirmation]", "deploy from GitHub")
    page.get_by_role("button", name="Delete deploy from GitHub").click()
    expect(page.locator("main")).to_contain_text("No API tokens yet")
    assert status_of(second, place) == 401


def test_who_is_invited_joins_and_sees_what_their_role_shows(
    page: Page, home: str, olivia: User, acme: Organization, science: Workspace
) -> None:
    factories.deployment(science, "prod-etl")
    with_password(page, home, olivia)
    is_in(page)
    page.goto(f"{home}/organizations/{acme.pk}/invite/")
    page.fill("[name=email]", "Nina Berg <Nina@Example.com>, nobody, olivia@example.com")
    page.get_by_label("Data Science").check()
    page.select_option("[name=workspace_role]", Role.WORKSPACE_MEMBER.value)
    page.get_by_role("button", name="Invite").click()
    expect(page.locator("main")).to_contain_text("1 invitation made")
    expect(page.locator("main")).to_contain_text("olivia@example.com is a member already")
    look(page, "invited")
    link = page.get_by_role("button", name="Copy link of nina@example.com")
    address = link.get_attribute("data-copy") or ""

    page.context.clear_cookies()
    page.goto(address)
    page.get_by_role("link", name="Create your account").click()
    page.fill("[name=full_name]", "Nina Berg")
    page.fill("[name=email]", "NINA@example.com")
    page.fill("[name=password1]", "quiet-harbour-71")
    page.locator("main form button[type=submit]").click()
    is_in(page)
    page.goto(f"{home}/workspaces/{science.pk}/deployments/")
    expect(page.locator("main")).to_contain_text("prod-etl")
    expect(page.get_by_role("link", name=re.compile("API tokens"))).to_have_count(0)
    page.goto(f"{home}/workspaces/{science.pk}/tokens/")
    expect(page.locator("main")).to_contain_text("Your role does not allow this")
