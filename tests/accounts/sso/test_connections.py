"""Connections: set up, activated, given domains, turned off, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Organization, SsoConnection, SsoDomain, User
from accounts.services import sso_connections
from tests import factories
from tests.accounts.sso import browsing
from tests.accounts.sso.fields import VALUES
from tests.accounts.sso.provider import Provider
from web.errors import InvalidInput


def form(domain: SsoDomain, **fields: object) -> dict[str, Any]:
    attributes = {
        "email_attribute": "email",
        "first_name_attribute": "firstName",
        "last_name_attribute": "lastName",
        "name_attribute": "name",
        "groups_attribute": "groups",
    }
    return {
        **VALUES,
        **attributes,
        "provider": "other",
        "jit_enabled": "on",
        "domains": [domain.pk],
        **fields,
    }


def test_from_the_form_to_the_first_sign_in(
    client: Client, provider: Provider, acme_domain: SsoDomain, olivia: User
) -> None:
    """Make, test, activate; nobody gets in before."""
    client.force_login(olivia)
    base = f"/organizations/{acme_domain.organization_id}/sso"
    fields = form(acme_domain, discovery_url=provider.address)
    page = client.post(f"{base}/new/OIDC/", fields, follow=True).content.decode()
    made = SsoConnection.objects.get()
    own = f"{base}/connections/{made.pk}/"
    assert made.url("callback") in page
    assert made.discovery_url == provider.discovery_url
    assert client.post(f"{own}activate/", {"go": "1"}).status_code == 409
    assert Client().get(f"/accounts/sso/{made.key}/login/").status_code == 403

    provider.person = {"sub": "n-1", "email": "nina@example.com", "groups": ["dev"]}
    away = browsing.way_out(client.post(f"{own}test/start/", {"go": "1"}))
    result = client.get(client.get(provider.authorize(away))["Location"]).content.decode()

    assert "The test has passed" in result
    assert "nina@example.com gets an account" in result
    assert "joins as Member by just-in-time membership" in result
    assert "dev" in result
    assert not User.objects.filter(email="nina@example.com").exists()
    assert client.get("/profile/").context["user"] == olivia
    made.refresh_from_db()
    assert (made.state, made.tested_by, made.tested_as) == ("TESTED", olivia, None)

    client.post(f"{own}activate/", {"go": "1"})
    browsing.sign_in(Client(), provider, made)

    assert User.objects.get(email="nina@example.com")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("discovery_url", ""),
        ("discovery_url", "http://idp.example.com"),
        ("discovery_url", "javascript:alert(1)"),
        ("discovery_url", "https://user:secret@idp.example.com"),
        ("client_id", ""),
        ("default_role", "WORKSPACE_OWNER"),
        ("email_attribute", ""),
    ],
)
def test_bad_input_names_its_field(
    acme: Organization, olivia: User, field: str, value: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        sso_connections.create_connection(
            acme, kind="OIDC", values=VALUES | {field: value}, actor=factories.actor(olivia)
        )

    assert set(refused.value.fields) == {field}


def test_several_domains_lead_to_one(
    acme: Organization, acme_domain: SsoDomain, olivia: User
) -> None:
    other = factories.sso_domain(acme, "acme.example")

    made = sso_connections.create_connection(
        acme,
        kind="OIDC",
        values=VALUES | {"domains": [acme_domain.pk, other.pk]},
        actor=factories.actor(olivia),
    )

    assert {each.domain for each in made.domains.all()} == {"acme.example", "example.com"}


def test_another_organizations_domain_is_out_of_reach(
    acme: Organization, foreign_domain: SsoDomain, olivia: User
) -> None:
    made = sso_connections.create_connection(
        acme,
        kind="OIDC",
        values=VALUES | {"domains": [foreign_domain.pk]},
        actor=factories.actor(olivia),
    )

    assert not made.domains.exists()


def test_turned_off_and_deleted(client: Client, sso: SsoConnection, olivia: User) -> None:
    client.force_login(olivia)
    own = f"/organizations/{sso.organization_id}/sso/connections/{sso.pk}/"

    client.post(f"{own}turn-off/", {"go": "1"})
    sso.refresh_from_db()
    assert sso.state == "OFF"
    assert client.post(f"{own}delete/", {"confirmation": "wrong"}).status_code == 422

    client.post(f"{own}delete/", {"confirmation": sso.name})
    assert not SsoConnection.objects.exists()


def test_the_page_lists_who_was_not_let_in(
    client: Client, provider: Provider, connected: SsoConnection, olivia: User
) -> None:
    provider.spoil = {"nonce": "another"}
    browsing.sign_in(Client(), provider, connected)
    client.force_login(olivia)

    page = client.get(f"/organizations/{connected.organization_id}/sso/connections/{connected.pk}/")

    assert "belongs to another sign-in than the one" in page.content.decode()
