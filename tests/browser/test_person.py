"""One's own account in a real browser: two-factor sign-in, passkeys, sessions, the switcher."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, CDPSession, Page, expect
from pytest_django.fixtures import Settings

from accounts.models import Organization, OrganizationRoleBinding, User
from audit.models import AuditRecord
from tests import factories
from tests.browser.looking import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def device(page: Page) -> Iterator[CDPSession]:
    """A device that keeps passkeys and whose owner always agrees."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield session
    session.send("WebAuthn.disable")


def code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def with_password(page: Page, home: str, user: User) -> None:
    page.goto(f"{home}/accounts/login/")
    page.fill("[name=login]", user.email)
    page.get_by_role("button", name="Continue").click()
    page.fill("[name=password]", factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page, home: str) -> None:
    page.goto(f"{home}/accounts/logout/")
    page.locator("main form button[type=submit]").click()


def is_in(page: Page) -> None:
    expect(page).to_have_url(re.compile("/organizations/"))


def start_a_second_factor(page: Page, home: str, link: str) -> None:
    """From the page of methods to one of its links, past the question who one is."""
    page.goto(f"{home}/accounts/2fa/")
    page.get_by_role("link", name=link).click()


def confirm_by_password(page: Page) -> None:
    page.fill("[name=password]", factories.PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def test_an_app_is_set_up_and_signs_in_with_its_recovery_codes(
    page: Page, home: str, mia: User
) -> None:
    with_password(page, home, mia)
    is_in(page)
    page.goto(f"{home}/accounts/2fa/")
    look(page, "two-factor-off")
    start_a_second_factor(page, home, "Set up")
    confirm_by_password(page)

    look(page, "app-add")
    secret = page.locator("[data-copy]").first.get_attribute("data-copy") or ""
    page.fill("[name=code]", "000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator(".field__error")).to_contain_text("This code is wrong")
    spent = code(secret)
    page.fill("[name=code]", spent)
    page.get_by_role("button", name="Turn on").click()

    expect(page.locator("#recovery-codes")).to_be_visible()
    look(page, "recovery-codes")
    recovery = page.locator("#recovery-codes").inner_text().split()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Download").click()
    assert kept.value.path().read_text().split() == recovery
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("main")).to_contain_text("10 of 10 left")

    sign_out(page, home)
    with_password(page, home, mia)
    page.fill("[name=code]", spent)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".field__error")).to_contain_text("was used before")
    page.fill("[name=code]", recovery[3])
    page.get_by_role("button", name="Sign in").click()
    is_in(page)
    page.goto(f"{home}/accounts/2fa/")
    expect(page.locator("main")).to_contain_text("9 of 10 left")


def test_a_passkey_signs_in_alone_and_is_renamed_and_removed(
    page: Page, home: str, mia: User, device: CDPSession
) -> None:
    with_password(page, home, mia)
    is_in(page)
    start_a_second_factor(page, home, "Add a passkey")
    page.fill("[name=password]", factories.PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    look(page, "passkey-add")
    page.fill("[name=name]", "Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator("#recovery-codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    look(page, "two-factor-on")
    expect(page.locator("main")).to_contain_text("Alone")

    sign_out(page, home)
    page.goto(f"{home}/accounts/login/?next=/profile/")
    look(page, "sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{home}/profile/")
    latest = AuditRecord.objects.filter(action="accounts.sign_in").latest("id")
    assert latest.after == {"by": ["passkey"]}

    sign_out(page, home)
    with_password(page, home, mia)
    look(page, "second-factor-passkey")
    page.get_by_role("button", name="Use a passkey").click()
    is_in(page)

    page.goto(f"{home}/accounts/2fa/")
    page.get_by_role("link", name="Rename Laptop").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.fill("[name=name]", "Blue laptop")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("link", name="Remove Blue laptop").click()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.locator("main")).to_contain_text("None yet")


def test_a_page_below_the_consoles_name_cannot_use_its_passkeys(
    page: Page, home: str, mia: User, device: CDPSession, settings: Settings
) -> None:
    """What an Airflow's page could do: ask for the passkey there, and pass the answer on."""
    with_password(page, home, mia)
    start_a_second_factor(page, home, "Add a passkey")
    page.fill("[name=password]", factories.PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    settings.BASE_URL = "http://other.localhost"
    page.get_by_role("button", name="Make the passkey").click()

    expect(page.get_by_role("alert").first).to_contain_text("was not accepted")


def test_a_session_that_is_ended_elsewhere_is_dead_here(
    page: Page, browser: Browser, home: str, mia: User
) -> None:
    with_password(page, home, mia)
    is_in(page)
    elsewhere = browser.new_context()
    there = elsewhere.new_page()
    with_password(there, home, mia)
    is_in(there)

    page.goto(f"{home}/accounts/sessions/")
    look(page, "sessions")
    page.locator("tr", has_not_text="This one").get_by_role("button", name="End").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    there.goto(f"{home}/profile/")
    expect(there).to_have_url(re.compile("/accounts/login/"))
    elsewhere.close()


def test_organizations_are_switched_by_keyboard_and_the_last_is_remembered(
    page: Page, home: str, mia: User, umbrella: Organization
) -> None:
    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=mia, role="ORGANIZATION_MEMBER"
    )
    with_password(page, home, mia)
    expect(page.locator("#sidebar summary").first).to_contain_text("Acme")
    page.locator("#sidebar summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sidebar [data-options] a")).to_have_count(2)
    page.keyboard.type("umb")
    expect(page.locator("#sidebar [data-options] a")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(umbrella.pk))

    sign_out(page, home)
    with_password(page, home, mia)
    expect(page.locator("#sidebar summary").first).to_contain_text("Umbrella")
