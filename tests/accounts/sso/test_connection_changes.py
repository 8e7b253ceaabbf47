"""A connection is changed by those who may, and what no longer holds ends with the change."""

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
from tests.accounts.sso.fields import VALUES
from web.errors import Conflict, InvalidInput


@pytest.fixture
def made(acme: Organization, olivia: User) -> SsoConnection:
    return sso_connections.create_connection(
        acme, kind="OIDC", values=VALUES, actor=factories.actor(olivia)
    )


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
