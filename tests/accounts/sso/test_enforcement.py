"""A domain's rule: only its ways lead in, through whatever door, and old sessions end."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.core import mail
from django.http import HttpRequest
from django.test import Client
from pytest_django.fixtures import Settings

from access.policy import PermissionDenied
from accounts.models import Organization, SsoConnection, SsoDomain, SsoIdentity, User
from accounts.services import email_change, recovery, sso_connections, sso_rules
from accounts.sso import gate
from audit.models import AuditRecord, Outcome
from deployments.gateway.decisions import person_of
from tests import factories
from tests.accounts.passkeys import Passkey
from tests.accounts.sso import browsing
from tests.accounts.sso.provider import Provider
from web.errors import Conflict, InvalidInput

LOGIN = "/accounts/login/"
NEW = {"password1": "quiet-harbour-71", "password2": "quiet-harbour-71"}


@pytest.fixture
def only_sso(connected: SsoConnection) -> SsoDomain:
    """example.com, whose people sign in by the provider alone."""
    rule = connected.domains.get()
    rule.enforced_logins = ["SSO"]
    rule.save()
    return rule


def by_password(client: Client, user: User) -> Any:
    return client.post(LOGIN, {"login": user.email, "password": factories.PASSWORD})


def is_signed_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


class TestEveryOtherWayIsRefused:
    def test_the_password(self, client: Client, only_sso: SsoDomain, mia: User) -> None:
        page = by_password(client, mia)

        page = client.get(page["Location"])
        assert not is_signed_in(client)
        assert "example.com signs in another way" in page.content.decode()
        assert f"/accounts/sso/{only_sso.connection.key}/login/" in page.content.decode()  # type: ignore[union-attr]
        row = AuditRecord.objects.get(action="accounts.sign_in")
        assert row.outcome == Outcome.REFUSED
        assert row.after == {"reason": "example.com signs in by SSO only"}

    def test_a_wrong_password_says_nothing_of_it(
        self, client: Client, only_sso: SsoDomain, mia: User
    ) -> None:
        page = client.post(LOGIN, {"login": mia.email, "password": "wrong"})

        assert "do not belong together" in page.content.decode()

    def test_a_passkey(self, client: Client, only_sso: SsoDomain, mia: User) -> None:
        answer = Passkey(mia).register().sign_in(client)

        assert answer["Location"] == LOGIN
        assert not is_signed_in(client)
        assert "example.com signs in another way" in client.get(LOGIN).content.decode()
        row = AuditRecord.objects.get(action="accounts.sign_in")
        assert row.outcome == Outcome.REFUSED
        assert row.after == {"reason": "example.com signs in by SSO only"}

    def test_a_passkey_leads_in_where_there_is_no_rule(
        self, client: Client, connected: SsoConnection, mia: User
    ) -> None:
        Passkey(mia).register().sign_in(client)

        assert is_signed_in(client)

    def test_a_second_factor_alone(
        self, visit: HttpRequest, only_sso: SsoDomain, mia: User
    ) -> None:
        record_authentication(visit, mia, "mfa", type="totp")

        assert gate.bar(visit, mia) is not None

    def test_another_organizations_provider(
        self, visit: HttpRequest, only_sso: SsoDomain, foreign_sso: SsoConnection, mia: User
    ) -> None:
        record_authentication(
            visit, mia, "sso", connection="x", organization=foreign_sso.organization_id
        )

        assert gate.bar(visit, mia) is not None

    def test_password_reset(
        self, client: Client, only_sso: SsoDomain, mia: User, settings: Settings
    ) -> None:
        settings.HAS_MAIL = True

        answer = client.post("/accounts/password/reset/", {"email": "mia@example.com"})

        assert answer["Location"] == LOGIN
        assert mail.outbox == []

    def test_password_reset_tells_nothing_of_an_account(
        self, client: Client, only_sso: SsoDomain, settings: Settings
    ) -> None:
        settings.HAS_MAIL = True

        answer = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})

        assert answer["Location"] == LOGIN

    def test_a_reset_link_from_before(
        self, client: Client, connected: SsoConnection, mia: User
    ) -> None:
        link = recovery.reset_link(mia.email, actor=factories.actor(mia))
        form = client.get(link.removeprefix("http://localhost:8000"))["Location"]
        connected.domains.update(enforced_logins=["SSO"])

        answer = client.post(form, NEW)

        assert answer.status_code == 403
        mia.refresh_from_db()
        assert mia.check_password(factories.PASSWORD)

    def test_sign_up(self, client: Client, only_sso: SsoDomain, opal: User) -> None:
        from accounts.models import Installation

        installation = Installation.current()
        installation.sign_up = "OPEN"
        installation.save()
        form = {"email": "nina@example.com", "full_name": "Nina", "password1": "quiet-harbour-71"}

        page = client.post("/accounts/signup/", form)

        assert "sign in by single sign-on" in page.content.decode()
        assert not User.objects.filter(email="nina@example.com").exists()

    def test_taking_another_address(self, only_sso: SsoDomain, mia: User) -> None:
        with pytest.raises(Conflict, match="whose address is"):
            email_change.ask(mia, email="mia@elsewhere.example", actor=factories.actor(mia))

    def test_a_new_password(
        self, only_sso: SsoDomain, client: Client, provider: Provider, mia: User
    ) -> None:
        browsing.sign_in(client, provider, only_sso.connection)  # type: ignore[arg-type]
        form = {"oldpassword": factories.PASSWORD, **NEW}

        answer = client.post("/accounts/password/change/", form)

        assert answer.status_code == 403
        mia.refresh_from_db()
        assert mia.check_password(factories.PASSWORD)

    def test_people_of_other_domains_are_not_concerned(
        self, client: Client, only_sso: SsoDomain, acme: Organization
    ) -> None:
        guest = User.objects.create_user("gast@elsewhere.example", factories.PASSWORD)

        by_password(client, guest)

        assert is_signed_in(client)


class TestSessions:
    def test_an_old_one_ends_at_its_next_request(
        self, client: Client, connected: SsoConnection, mia: User
    ) -> None:
        by_password(client, mia)
        assert is_signed_in(client)
        connected.domains.update(enforced_logins=["SSO"])

        answer = client.get("/profile/?tab=1")

        assert answer["Location"] == f"{LOGIN}?next=%2Fprofile%2F%3Ftab%3D1"
        page = client.get(answer["Location"]).content.decode()
        assert "example.com signs in another way" in page
        assert "/login/?next=%2Fprofile%2F%3Ftab%3D1" in page
        row = AuditRecord.objects.get(action="accounts.keep_session")
        assert row.outcome == Outcome.REFUSED

    def test_its_airflows_and_streams_do_not_know_it_any_more(
        self, client: Client, connected: SsoConnection, mia: User
    ) -> None:
        by_password(client, mia)
        key = str(client.session.session_key)
        assert person_of(key) == mia
        connected.domains.update(enforced_logins=["SSO"])

        assert person_of(key) is None

    def test_one_by_the_provider_goes_on(
        self, client: Client, provider: Provider, only_sso: SsoDomain, mia: User
    ) -> None:
        browsing.sign_in(client, provider, only_sso.connection)  # type: ignore[arg-type]

        assert is_signed_in(client)
        assert person_of(str(client.session.session_key)) == mia

    def test_a_domain_that_is_not_proven_any_more_has_no_rule(
        self, client: Client, only_sso: SsoDomain, mia: User
    ) -> None:
        only_sso.proven_at = None
        only_sso.save()

        by_password(client, mia)

        assert is_signed_in(client)


class TestChosenWays:
    @pytest.mark.parametrize(
        ("logins", "way", "is_open"),
        [
            (["PASSWORD"], {"method": "password"}, True),
            (["PASSWORD"], {"method": "mfa", "type": "webauthn", "passwordless": True}, False),
            (["PASSKEY"], {"method": "mfa", "type": "webauthn", "passwordless": True}, True),
            (["PASSKEY"], {"method": "mfa", "type": "webauthn"}, False),
            (["SSO", "PASSKEY"], {"method": "mfa", "type": "webauthn", "passwordless": True}, True),
            (["SSO", "PASSKEY"], {"method": "password"}, False),
        ],
    )
    def test_only_they_lead_in(
        self,
        visit: HttpRequest,
        acme_domain: SsoDomain,
        mia: User,
        logins: list[str],
        way: dict[str, Any],
        is_open: bool,
    ) -> None:
        acme_domain.enforced_logins = logins
        acme_domain.save()
        method = way.pop("method")
        record_authentication(visit, mia, method, **way)

        assert (gate.bar(visit, mia) is None) is is_open


class TestNobodyShutsThemselvesOut:
    def test_who_has_not_passed_the_connection_cannot_set_it(
        self, sso: SsoConnection, olivia: User
    ) -> None:
        with pytest.raises(Conflict, match="You have not passed"):
            sso_rules.set_enforced_logins(
                sso.domains.get(), logins=["SSO"], actor=factories.actor(olivia)
            )

    def test_a_test_as_somebody_else_is_not_enough(
        self, sso: SsoConnection, olivia: User, mia: User
    ) -> None:
        sso_connections.pass_test(sso, tested_as=mia, actor=factories.actor(olivia))

        with pytest.raises(Conflict, match="could not sign in yourself"):
            sso_rules.set_enforced_logins(
                sso.domains.get(), logins=["SSO"], actor=factories.actor(olivia)
            )

    def test_who_passed_a_test_as_themselves_can(self, sso: SsoConnection, olivia: User) -> None:
        sso_connections.pass_test(sso, tested_as=olivia, actor=factories.actor(olivia))

        done = sso_rules.set_enforced_logins(
            sso.domains.get(), logins=["SSO"], actor=factories.actor(olivia)
        )

        assert done.enforced_logins == ["SSO"]
        row = AuditRecord.objects.get(action="accounts.set_enforced_logins")
        assert (row.before, row.after) == ({"enforced_logins": []}, {"enforced_logins": ["SSO"]})

    def test_who_signed_in_by_it_can(self, sso: SsoConnection, olivia: User) -> None:
        SsoIdentity.objects.create(
            connection=sso, subject="o", user=olivia, last_seen_at="2026-01-01T00:00:00Z"
        )

        sso_rules.set_enforced_logins(
            sso.domains.get(), logins=["SSO"], actor=factories.actor(olivia)
        )

    def test_only_passkeys_need_one_of_ones_own(self, acme_domain: SsoDomain, olivia: User) -> None:
        with pytest.raises(Conflict, match="could not sign in yourself"):
            sso_rules.set_enforced_logins(
                acme_domain, logins=["PASSKEY"], actor=factories.actor(olivia)
            )

    def test_a_domain_that_is_not_proven_gets_no_rule(
        self, acme_domain: SsoDomain, olivia: User
    ) -> None:
        acme_domain.proven_at = None
        acme_domain.save()

        with pytest.raises(Conflict, match="is not proven"):
            sso_rules.set_enforced_logins(
                acme_domain, logins=["PASSWORD"], actor=factories.actor(olivia)
            )

    def test_an_unknown_way_is_refused(self, acme_domain: SsoDomain, olivia: User) -> None:
        with pytest.raises(InvalidInput):
            sso_rules.set_enforced_logins(
                acme_domain, logins=["FAX"], actor=factories.actor(olivia)
            )

    def test_a_member_cannot(self, acme_domain: SsoDomain, mia: User) -> None:
        with pytest.raises(PermissionDenied):
            sso_rules.set_enforced_logins(acme_domain, logins=[], actor=factories.actor(mia))

    def test_who_looks_after_domains_alone_cannot(
        self, acme: Organization, acme_domain: SsoDomain
    ) -> None:
        keeper = factories.holding(factories.user("kim"), acme, "organization.domains.update")

        with pytest.raises(PermissionDenied, match="ssoConnections"):
            sso_rules.set_enforced_logins(acme_domain, logins=[], actor=keeper)

    def test_a_connection_that_people_need_is_not_turned_off(
        self, only_sso: SsoDomain, olivia: User
    ) -> None:
        connection = only_sso.connection
        assert connection is not None
        with pytest.raises(Conflict, match=r"example\.com have to sign in by it"):
            sso_connections.turn_off_connection(connection, actor=factories.actor(olivia))
        with pytest.raises(Conflict):
            sso_connections.delete_connection(
                connection, typed_name=connection.name, actor=factories.actor(olivia)
            )
