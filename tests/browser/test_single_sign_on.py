"""A company's own identity provider, from the claim of its domain to signing out: Canaille."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django.fixtures import Settings

from accounts.models import OrganizationRoleBinding, SsoConnection, User
from accounts.sso import dns_records
from audit.models import AuditRecord
from tests import canaille, factories
from tests.accounts.sso import name_server as name_servers
from tests.accounts.sso.name_server import NameServer
from tests.browser.looking import look
from tests.canaille import Canaille

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def provider() -> Iterator[Canaille]:
    """With olivia, a member since long, and nina, whom the console does not know."""
    with canaille.running() as running:
        running.create_user("olivia", email="olivia@example.com", full_name="Olivia Bennett")
        running.create_user("nina", email="nina@example.com", full_name="Nina Novak")
        yield running


@pytest.fixture
def page(browser: Browser, provider: Canaille) -> Iterator[Page]:
    """A fresh browser profile. What the provider's own pages block is no fault of ours."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    broken: list[str] = []

    def note(message: ConsoleMessage) -> None:
        is_ours = not message.location["url"].startswith(provider.address)
        if is_ours and "Content Security Policy" in message.text:
            broken.append(message.text)

    opened.on("console", note)
    yield opened
    context.close()
    assert broken == []


@pytest.fixture
def name_server(settings: Settings) -> Iterator[NameServer]:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    settings.OUTGOING_HTTP = True
    with name_servers.running() as made:
        settings.DNS_SERVERS = [made.address]
        yield made


def with_password(page: Page, home: str, user: User) -> None:
    page.goto(f"{home}/accounts/login/")
    page.fill("[name=login]", user.email)
    page.get_by_role("button", name="Continue").click()
    page.fill("[name=password]", factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/organizations/"))


def at_the_provider(page: Page, provider: Canaille, name: str) -> None:
    """Sign in there and agree; it remembers both."""
    expect(page).to_have_url(re.compile(f"^{provider.address}/"))
    page.fill("[name=login]", name)
    page.get_by_role("button", name="Continue").click()
    page.fill("[name=password]", canaille.PASSWORD)
    page.locator("button[type=submit]").first.click()
    page.locator("[name=answer][value=accept]").click()


def by_email(page: Page, home: str, email: str) -> None:
    page.goto(f"{home}/accounts/login/")
    page.fill("[name=login]", email)
    page.get_by_role("button", name="Continue").click()


def prove_a_domain(page: Page, home: str, name_server: NameServer) -> None:
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Single sign-on").click()
    look(page, "sso-empty")
    page.fill("[name=domain]", "example.com")
    page.get_by_role("button", name="Claim domain").click()
    look(page, "sso-domain-claimed")
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("main")).to_contain_text("There is no TXT record at _astro-ui.example.com")
    value = page.locator("[data-copy^=astro-ui-domain]").get_attribute("data-copy") or ""
    name_server.records[dns_records.name_of("example.com")] = [value]
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("main")).to_contain_text("Proven")
    look(page, "sso-domain-proven")


def connect(page: Page, home: str, provider: Canaille) -> SsoConnection:
    page.get_by_role("navigation", name="Breadcrumb").get_by_role(
        "link", name="Single sign-on"
    ).click()
    page.get_by_role("link", name="OpenID Connect").click()
    look(page, "sso-connection-new")
    page.fill("[name=name]", "Canaille")
    page.fill("[name=discovery_url]", provider.address)
    page.fill("[name=client_id]", "later")
    page.get_by_label("example.com").check()
    page.get_by_role("button", name="Save").click()
    made = SsoConnection.objects.get()
    look(page, "sso-connection-draft")
    client_id, secret = provider.create_client(
        redirect_uri=made.url("callback"), sign_out_uri=f"{home}/accounts/login/"
    )
    page.get_by_role("link", name="Edit").click()
    page.fill("[name=client_id]", client_id)
    page.fill("[name=client_secret]", secret)
    page.get_by_role("button", name="Save").click()
    return made


def test_from_the_claim_of_a_domain_to_signing_out(
    page: Page, home: str, provider: Canaille, name_server: NameServer, olivia: User
) -> None:
    with_password(page, home, olivia)
    prove_a_domain(page, home, name_server)
    made = connect(page, home, provider)

    page.get_by_role("button", name="Test sign-in").click()
    at_the_provider(page, provider, "olivia")
    expect(page.locator("main")).to_contain_text("The test has passed")
    expect(page.locator("main")).to_contain_text("olivia@example.com is signed in")
    look(page, "sso-test-passed")
    page.get_by_role("button", name="Activate").click()
    expect(page.locator("main")).to_contain_text("Active")
    look(page, "sso-connection-active")

    page.goto(f"{home}/organizations/{made.organization_id}/sso/")
    look(page, "sso-overview")
    page.get_by_role("link", name="example.com").click()
    page.locator("[name=logins][value=SSO]").check()
    page.get_by_role("button", name="Save the rule").click()
    expect(page.locator("main")).to_contain_text("example.com signs in another way")
    look(page, "sso-asked")

    page.get_by_role("link", name="Sign in by Canaille").click()
    expect(page).to_have_url(re.compile("/sso/domains/"))
    page.goto(f"{home}/accounts/logout/")
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile(f"^{provider.address}/|/accounts/login/"))
    by_email(page, home, "olivia@example.com")
    expect(page).to_have_url(re.compile(f"^{provider.address}/"))
    expect(page.locator("[name=login]")).to_be_visible()

    row = AuditRecord.objects.filter(action="accounts.sign_in").latest("id")
    assert row.after == {"by": ["identity provider"]}
    assert made.identities.get().user == olivia


def test_somebody_unknown_joins_at_their_first_sign_in(
    page: Page,
    home: str,
    provider: Canaille,
    name_server: NameServer,
    sso: SsoConnection,
    olivia: User,
) -> None:
    client_id, secret = provider.create_client(
        redirect_uri=sso.url("callback"), sign_out_uri=f"{home}/accounts/login/"
    )
    sso.discovery_url, sso.client_id, sso.client_secret = provider.discovery_url, client_id, secret
    sso.save()
    look_at_sign_in(page, home)

    by_email(page, home, "nina@example.com")
    at_the_provider(page, provider, "nina")

    expect(page).to_have_url(re.compile("/organizations/"))
    nina = User.objects.get(email="nina@example.com")
    assert nina.full_name == "Nina Novak"
    assert OrganizationRoleBinding.objects.get(user=nina).role == "ORGANIZATION_MEMBER"


def look_at_sign_in(page: Page, home: str) -> None:
    by_email(page, home, "gast@elsewhere.example")
    look(page, "sign-in-password")
    page.get_by_role("link", name="Another address").click()
    look(page, "sign-in-email")
