"""Sign-in by SimpleSAMLphp in a real browser, begun here and begun there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from accounts.group_rules import heard
from accounts.models import Organization, SsoConnection, SsoDomain, User
from accounts.sso.saml import configuration, metadata
from audit.models import AuditRecord
from tests import factories
from tests.accounts.sso.saml.provider import pair
from tests.browser.looking import look
from tests.simplesaml import PASSWORD, SimpleSaml, simplesaml
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE_MS = 60_000
"""For the whole way from the provider's form over both sites and back, on a busy machine."""


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleSaml]:
    keys = pair("simplesaml", since=timezone.now())
    with simplesaml(tmp_path_factory.mktemp("simplesaml") / "home", keys) as started:
        yield started


@pytest.fixture(autouse=True)
def _plain_http(settings: Settings) -> None:
    """The provider is on loopback, without TLS."""
    settings.OUTGOING_HTTP = True


@pytest.fixture
def there(home: str, provider: SimpleSaml, acme_domain: SsoDomain) -> SsoConnection:
    """Acme's connection to it, made of what the provider's metadata says."""
    said = requests.get(provider.metadata_url, timeout=5).text
    found = metadata.read(said, now=timezone.now())
    made = factories.sso_connection(
        acme_domain, kind="SAML", name="SimpleSAMLphp", **configuration.of(found)
    )
    provider.knows(entity=made.url("metadata"), acs=made.url("acs"), sls=made.url("sls"))
    return made


def at_the_provider(page: Page, name: str) -> None:
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.locator("[name=password]").press("Enter")


def test_sign_in_begun_here(
    page: Page, home: str, there: SsoConnection, mia: User, science: Workspace
) -> None:
    """Mia comes back to the page that she wanted, with what her groups give her."""
    factories.role_rule(science, "data", "WORKSPACE_AUTHOR")
    page.goto(f"{there.url('login')}?next=/profile/")
    at_the_provider(page, "mia")
    expect(page).to_have_url(f"{home}/profile/", timeout=PATIENCE_MS)
    expect(page.locator("body")).to_contain_text("mia@example.com")
    assert WorkspaceRoleBinding.objects.get(user=mia).is_by_rule


def test_sign_in_begun_at_the_provider(
    page: Page, home: str, there: SsoConnection, provider: SimpleSaml, mia: User
) -> None:
    there.idp_initiated = True
    there.save()
    page.goto(provider.start_url(there.url("metadata"), relay="/profile/"))
    at_the_provider(page, "mia")
    expect(page).to_have_url(f"{home}/profile/", timeout=PATIENCE_MS)
    expect(page.locator("body")).to_contain_text("mia@example.com")


def test_what_began_at_the_provider_is_refused_where_nobody_allowed_it(
    page: Page, home: str, there: SsoConnection, provider: SimpleSaml, mia: User
) -> None:
    page.goto(provider.start_url(there.url("metadata")))
    at_the_provider(page, "mia")
    expect(page.locator("body")).to_contain_text("You were not signed in", timeout=PATIENCE_MS)
    assert AuditRecord.objects.get(outcome="REFUSED").after["reason"] == "unsolicited"


def test_an_address_of_another_domain_does_not_get_in(
    page: Page, home: str, there: SsoConnection
) -> None:
    """Owen has an account, in a domain that is not proven for Acme."""
    owen = User.objects.create_user("owen@umbrella.example", factories.PASSWORD)
    page.goto(there.url("login"))
    at_the_provider(page, "owen")
    expect(page.locator("body")).to_contain_text("You were not signed in", timeout=PATIENCE_MS)
    assert page.context.request.get(f"{home}/profile/", max_redirects=0).status == 302
    assert not owen.sso_identities.exists()
    assert AuditRecord.objects.filter(outcome="REFUSED").count() == 1


def sign_in(page: Page, home: str, user: User, settings: Settings) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": home}])


def test_a_connection_is_set_up_tested_and_activated(
    page: Page, home: str, provider: SimpleSaml, acme: Organization, olivia: User, mia: User,
    acme_domain: SsoDomain, settings: Settings,
) -> None:  # fmt: skip
    """From its name alone, by the steps on its page, to a sign-in."""
    sign_in(page, home, olivia, settings)
    page.goto(f"{home}/organizations/{acme.pk}/sso/new/SAML/")
    page.fill("[name=name]", "Acme")
    page.locator("[name=domains]").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Set it up at your provider")
    look(page, "saml-draft")
    made = SsoConnection.objects.get()
    provider.knows(entity=made.url("metadata"), acs=made.url("acs"), sls=made.url("sls"))

    page.get_by_role("link", name="Paste it here").click()
    page.fill("[name=metadata_xml]", "<oops")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("it is no XML")
    look(page, "saml-form")
    page.fill("[name=metadata_xml]", requests.get(provider.metadata_url, timeout=5).text)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text(f"{provider.url}/simplesamlphp/saml2/idp")

    page.get_by_role("button", name="Test sign-in").click()
    at_the_provider(page, "mia")
    expect(page.locator("main")).to_contain_text("mia@example.com")
    look(page, "saml-test")
    page.goto(f"{home}/organizations/{acme.pk}/sso/connections/{made.pk}/")
    page.get_by_role("button", name="Activate").click()
    expect(page.locator("main")).to_contain_text("until")
    look(page, "saml-active")


def test_a_group_rule_is_previewed_and_saved(
    page: Page, home: str, there: SsoConnection, acme: Organization, olivia: User, mia: User,
    science: Workspace, settings: Settings,
) -> None:  # fmt: skip
    heard.hear(there, mia, ["data"])
    sign_in(page, home, olivia, settings)
    page.goto(f"{home}/organizations/{acme.pk}/group-rules/")
    look(page, "group-rules-empty")
    page.get_by_role("link", name="New rule").first.click()
    page.fill("[name=group]", "data")
    page.select_option("[name=place]", label="Data Science")
    page.select_option("[name=role]", value="WORKSPACE_AUTHOR")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("main")).to_contain_text("Mia becomes Author in Workspace Data Science")
    look(page, "group-rule-preview")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("The rule counts from now on.")
    look(page, "group-rules")
    page.goto(f"{home}/workspaces/{science.pk}/members/")
    expect(page.locator("main")).to_contain_text("by identity provider")
