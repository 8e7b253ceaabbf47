"""Connections: set up, tested, activated, changed, turned off, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from access.policy import ExceedsOwnRights
from accounts.models import (
    CustomRole,
    Organization,
    OrganizationRoleBinding,
    SsoConnection,
    SsoDomain,
    SsoIdentity,
    User,
)
from accounts.services import sso_connections
from audit.models import AuditRecord
from tests import factories
from tests.accounts.sso import browsing
from tests.accounts.sso.provider import Provider
from web.errors import Conflict, InvalidInput

VALUES = {
    "name": "Acme IdP",
    "discovery_url": "https://idp.example.com",
    "client_id": "console",
    "client_secret": "hush",
    "scopes": "openid email profile",
    "jit_enabled": True,
    "default_role": "ORGANIZATION_MEMBER",
}


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


@pytest.fixture
def made(acme: Organization, olivia: User) -> SsoConnection:
    return sso_connections.create_connection(
        acme, kind="OIDC", values=VALUES, actor=factories.actor(olivia)
    )


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


class TestTesting:
    def begin(self, client: Client, sso: SsoConnection) -> str:
        own = f"/organizations/{sso.organization_id}/sso/connections/{sso.pk}/"
        return browsing.way_out(client.post(f"{own}test/start/", {"go": "1"}))

    def test_a_failed_test_shows_why_and_leaves_the_connection_running(
        self, client: Client, provider: Provider, connected: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        provider.spoil = {"exp": 1}

        answer = client.get(provider.authorize(self.begin(client, connected)), follow=True)

        page = answer.content.decode()
        assert "The test did not pass" in page
        assert "its token has expired" in page
        assert "Check the clocks" in page
        connected.refresh_from_db()
        assert connected.is_active

    def test_an_address_outside_the_domains_does_not_pass(
        self, client: Client, provider: Provider, connected: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        SsoConnection.objects.update(state="DRAFT")
        provider.person = {"sub": "x", "email": "oscar@umbrella.example"}

        page = client.get(provider.authorize(self.begin(client, connected)), follow=True)

        assert "lies in no domain that Acme has proven" in page.content.decode()
        assert "oscar@umbrella.example" in page.content.decode()
        connected.refresh_from_db()
        assert connected.state == "DRAFT"

    def test_a_test_says_what_would_be_before_the_domain_is_given(
        self, client: Client, provider: Provider, connected: SsoConnection, olivia: User
    ) -> None:
        """So that a second provider can be tried while people sign in by the first one."""
        SsoDomain.objects.update(connection=None)
        client.force_login(olivia)
        provider.person = {"sub": "o-1", "email": olivia.email}

        page = client.get(provider.authorize(self.begin(client, connected)), follow=True)

        assert "The test has passed" in page.content.decode()
        words = "Once its domain is given to this connection, olivia@example.com is signed in"
        assert words in page.content.decode()

    def test_a_provider_that_is_down_is_said_on_the_page(
        self, client: Client, connected: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        SsoConnection.objects.update(
            discovery_url="http://127.0.0.1:9/.well-known/openid-configuration"
        )
        own = f"/organizations/{connected.organization_id}/sso/connections/{connected.pk}/"

        page = client.post(f"{own}test/start/", {"go": "1"}, follow=True).content.decode()

        assert "The test did not pass" in page
        assert "The connection failed." in page

    def test_it_signs_nobody_in_whoever_takes_the_answer(
        self, client: Client, provider: Provider, connected: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        back = provider.authorize(self.begin(client, connected))
        client.logout()

        assert client.get(back).status_code == 403
        assert not SsoIdentity.objects.exists()


class TestChanging:
    def change(self, connection: SsoConnection, olivia: User, **values: Any) -> SsoConnection:
        return sso_connections.update_connection(
            connection, values=VALUES | values, actor=factories.actor(olivia)
        )

    def test_a_changed_one_needs_another_test(self, made: SsoConnection, olivia: User) -> None:
        tested = sso_connections.pass_test(made, tested_as=None, actor=factories.actor(olivia))

        changed = self.change(tested, olivia, client_id="another")

        assert (changed.state, changed.tested_at) == ("DRAFT", None)

    def test_a_running_one_goes_on(self, sso: SsoConnection, olivia: User) -> None:
        changed = self.change(sso, olivia, client_id="another")

        assert (changed.state, changed.tested_at) == ("ACTIVE", None)

    def test_a_name_alone_leaves_the_test_standing(self, made: SsoConnection, olivia: User) -> None:
        tested = sso_connections.pass_test(made, tested_as=None, actor=factories.actor(olivia))

        assert self.change(tested, olivia, name="Other").state == "TESTED"

    def test_an_empty_secret_keeps_the_old_one(self, made: SsoConnection, olivia: User) -> None:
        assert self.change(made, olivia, client_secret="").client_secret == "hush"

    def test_the_old_secret_is_not_sent_to_another_provider(
        self, made: SsoConnection, olivia: User
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            self.change(made, olivia, client_secret="", discovery_url="https://evil.example")

        assert set(refused.value.fields) == {"client_secret"}

    def test_subjects_of_one_provider_mean_nothing_to_another(
        self, sso: SsoConnection, olivia: User, mia: User
    ) -> None:
        """It may call somebody else by the name that was mia's."""
        SsoIdentity.objects.create(
            connection=sso, subject="1", user=mia, last_seen_at=timezone.now()
        )
        self.change(sso, olivia, discovery_url=f"{sso.discovery_url}?tenant=2", client_id="x")
        assert SsoIdentity.objects.get().user == mia

        self.change(sso, olivia, discovery_url="https://other.example.com")

        assert not SsoIdentity.objects.exists()

    def test_of_two_who_edit_it_the_second_is_told(self, made: SsoConnection, olivia: User) -> None:
        seen = made.version
        self.change(made, olivia, name="Other")

        with pytest.raises(Conflict, match="Somebody else changed"):
            sso_connections.update_connection(
                made, values=VALUES, seen=seen, actor=factories.actor(olivia)
            )

    def test_its_secret_is_sealed_and_stays_out_of_pages_and_log(
        self, client: Client, made: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        own = f"/organizations/{made.organization_id}/sso/connections/{made.pk}/"

        assert "hush" not in client.get(own).content.decode()
        assert "hush" not in client.get(f"{own}edit/").content.decode()
        row = AuditRecord.objects.get(action="accounts.create_connection")
        assert row.after["client_secret"] == "••••••"
        raw = SsoConnection.objects.filter(pk=made.pk).extra(select={"raw": "client_secret"})
        assert raw.values_list("raw", flat=True)[0] != "hush"


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


def test_only_an_owners_rights_say_which_provider_is_believed(
    acme: Organization, made: SsoConnection
) -> None:
    """A provider signs in whom it names, Owners too: a narrow role makes and turns none."""
    keeper = factories.user("kim")
    role = CustomRole.objects.create(
        organization=acme,
        name="Keeper of sign-in",
        scope_type="ORGANIZATION",
        permissions=["organization.ssoConnections.update"],
    )
    OrganizationRoleBinding.objects.create(organization=acme, user=keeper, custom_role=role)
    actor = factories.actor(keeper)

    with pytest.raises(ExceedsOwnRights):
        sso_connections.create_connection(
            acme, kind="OIDC", values=VALUES | {"name": "Own"}, actor=actor
        )
    with pytest.raises(ExceedsOwnRights):
        sso_connections.update_connection(made, values=VALUES, actor=actor)
    SsoConnection.objects.filter(pk=made.pk).update(state="TESTED")
    with pytest.raises(ExceedsOwnRights):
        sso_connections.activate_connection(made, actor=actor)


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


def test_people_who_have_to_sign_in_by_one_are_not_taken_to_one_that_does_not_run(
    made: SsoConnection, sso: SsoConnection, acme_domain: SsoDomain, olivia: User
) -> None:
    """They would be shut out: neither is one more draft made with the domain, nor another given
    it, until it runs."""
    SsoDomain.objects.update(enforced_logins=["SSO"])
    values, actor = VALUES | {"domains": [acme_domain.pk]}, factories.actor(olivia)

    with pytest.raises(Conflict, match=r"People of example\.com have to sign in by it"):
        sso_connections.update_connection(made, values=values, actor=actor)
    with pytest.raises(Conflict):
        sso_connections.create_connection(
            sso.organization, kind="OIDC", values=values | {"name": "Third"}, actor=actor
        )
    acme_domain.refresh_from_db()
    assert acme_domain.connection == sso

    tested = sso_connections.pass_test(made, tested_as=None, actor=actor)
    running = sso_connections.activate_connection(tested, actor=actor)
    sso_connections.update_connection(running, values=values, actor=actor)
    acme_domain.refresh_from_db()
    assert acme_domain.connection == made


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
