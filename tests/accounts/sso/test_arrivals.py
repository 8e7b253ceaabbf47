"""What becomes of what an identity provider says, once it is proven that it said so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client

from access.roles import Role
from accounts.models import (
    Invitation,
    Organization,
    OrganizationRoleBinding,
    SsoConnection,
    SsoDomain,
    SsoIdentity,
    User,
)
from accounts.sso.arrivals import arrive
from accounts.sso.claims import Claims, SignInRefused
from accounts.sso.flows import Purpose
from audit.models import AuditRecord
from tests import factories

NINA = Claims(subject="n-1", email="Nina@Example.com", first_name="Nina", last_name="Novak")


def come(visit: HttpRequest, sso: SsoConnection, claims: Claims, **options: Any) -> Any:
    return arrive(visit, sso, claims, purpose=Purpose.SIGN_IN, **options)


def refused(visit: HttpRequest, sso: SsoConnection, claims: Claims) -> str:
    with pytest.raises(SignInRefused) as caught:
        come(visit, sso, claims)
    assert not visit.user.is_authenticated
    assert not SsoIdentity.objects.filter(subject=claims.subject).exists()
    return caught.value.reason


def test_a_member_is_signed_in_and_linked(
    visit: HttpRequest, sso: SsoConnection, mia: User, claims: Claims
) -> None:
    answer = come(visit, sso, claims, next_url="/profile/")

    assert visit.user == mia
    assert answer["Location"] == "/profile/"
    assert SsoIdentity.objects.get(connection=sso, subject="m-1").user == mia
    row = AuditRecord.objects.get(action="accounts.sign_in")
    assert row.after == {"by": ["identity provider"]}
    assert row.source_ip == "203.0.113.9"


def test_an_unknown_person_joins_with_the_default_role(
    visit: HttpRequest, sso: SsoConnection, acme: Organization
) -> None:
    sso.default_role = Role.ORGANIZATION_BILLING_ADMIN
    sso.save()

    come(visit, sso, NINA)

    nina = User.objects.get(email="nina@example.com")
    assert visit.user == nina
    assert nina.full_name == "Nina Novak"
    assert not nina.has_usable_password()
    made = OrganizationRoleBinding.objects.get(organization=acme, user=nina)
    assert made.role == "ORGANIZATION_BILLING_ADMIN"
    assert AuditRecord.objects.filter(action="accounts.sso_join").count() == 1


def test_without_just_in_time_membership_nobody_joins(
    visit: HttpRequest, sso: SsoConnection
) -> None:
    sso.jit_enabled = False
    sso.save()

    assert refused(visit, sso, NINA) == "not_a_member"
    assert not User.objects.filter(email="nina@example.com").exists()


def test_who_was_invited_joins_as_the_invitation_says(
    visit: HttpRequest, sso: SsoConnection, acme: Organization
) -> None:
    sso.jit_enabled = False
    sso.save()
    offer = Invitation.objects.create(
        organization=acme, email="nina@example.com", role="ORGANIZATION_OWNER"
    )

    come(visit, sso, NINA)

    made = OrganizationRoleBinding.objects.get(organization=acme, user__email="nina@example.com")
    assert made.role == "ORGANIZATION_OWNER"
    offer.refresh_from_db()
    assert offer.accepted_at is not None


def test_a_second_sign_in_finds_the_same_person_by_the_subject(
    visit: HttpRequest, sso: SsoConnection, mia: User, claims: Claims
) -> None:
    come(visit, sso, claims)

    come(visit, sso, replace(claims, email="mia.meyer@example.com"))

    assert visit.user == mia
    assert User.objects.count() == 1


def test_who_is_switched_off_stays_out(
    visit: HttpRequest, sso: SsoConnection, mia: User, claims: Claims
) -> None:
    mia.status = User.Status.INACTIVE
    mia.save()

    assert refused(visit, sso, claims) == "deactivated"


def test_a_connection_that_is_off_signs_nobody_in(
    visit: HttpRequest, sso: SsoConnection, mia: User, claims: Claims
) -> None:
    sso.state = "OFF"
    sso.save()

    assert refused(visit, sso, claims) == "connection_off"


@pytest.mark.parametrize(
    ("subject", "email", "reason"),
    [
        ("", "mia@example.com", "no_subject"),
        ("x" * 501, "mia@example.com", "no_subject"),
        ("m-1", "", "no_email"),
        ("m-1", "mia", "no_email"),
        ("m-1", "mia@example.com, mia@other.example", "no_email"),
    ],
)
def test_claims_without_what_is_needed_sign_nobody_in(
    visit: HttpRequest, sso: SsoConnection, mia: User, subject: str, email: str, reason: str
) -> None:
    assert refused(visit, sso, Claims(subject=subject, email=email)) == reason


class TestTakeOver:
    """A provider has power over the accounts of its Organization's domains, and no other."""

    @pytest.mark.parametrize(
        "email",
        [
            "oscar@umbrella.example",
            "oscar@sub.example.com",
            "oscar@example.com.umbrella.example",
            "oscar@EXAMPLE.COM@umbrella.example",
        ],
    )
    def test_an_address_outside_the_proven_domains_is_nobody(
        self, visit: HttpRequest, sso: SsoConnection, email: str
    ) -> None:
        User.objects.create_user("oscar@umbrella.example")

        with pytest.raises(SignInRefused) as caught:
            come(visit, sso, Claims(subject="x", email=email))

        assert caught.value.reason in ("foreign_address", "no_email")
        assert not visit.user.is_authenticated
        assert not SsoIdentity.objects.exists()

    def test_a_claimed_domain_that_is_not_proven_does_not_count(
        self, visit: HttpRequest, sso: SsoConnection, acme: Organization
    ) -> None:
        claimed = factories.sso_domain(acme, "umbrella.example")
        claimed.proven_at = None
        claimed.save()
        User.objects.create_user("oscar@umbrella.example")

        assert refused(visit, sso, Claims("x", "oscar@umbrella.example")) == "foreign_address"

    def test_a_domain_proven_for_another_does_not_count(
        self, visit: HttpRequest, sso: SsoConnection, umbrella: Organization
    ) -> None:
        factories.sso_domain(umbrella, "umbrella.example")

        assert refused(visit, sso, Claims("x", "oscar@umbrella.example")) == "foreign_address"

    def test_whose_address_has_moved_away_is_out_of_reach(
        self, visit: HttpRequest, sso: SsoConnection, mia: User, claims: Claims
    ) -> None:
        SsoIdentity.objects.create(
            connection=sso, subject="m-1", user=mia, last_seen_at="2026-01-01T00:00:00Z"
        )
        User.objects.filter(pk=mia.pk).update(email="mia@elsewhere.example")

        with pytest.raises(SignInRefused) as caught:
            come(visit, sso, claims)

        assert caught.value.reason == "moved_away"

    def test_equal_subjects_of_two_providers_never_meet(
        self, visit: HttpRequest, sso: SsoConnection, umbrella: Organization, mia: User
    ) -> None:
        other = factories.sso_connection(factories.sso_domain(umbrella, "umbrella.example"))
        come(visit, sso, Claims("1", "mia@example.com"))

        come(visit, other, Claims("1", "ursula@umbrella.example"))

        assert visit.user == User.objects.get(email="ursula@umbrella.example")
        assert not OrganizationRoleBinding.objects.filter(organization=umbrella, user=mia).exists()

    def test_equal_subjects_of_two_providers_of_one_organization_never_meet(
        self, visit: HttpRequest, sso: SsoConnection, acme: Organization, mia: User
    ) -> None:
        other = factories.sso_connection(factories.sso_domain(acme, "acme.example"))
        come(visit, sso, Claims("1", "mia@example.com"))

        come(visit, other, Claims("1", "ada@acme.example"))

        assert visit.user == User.objects.get(email="ada@acme.example")

    def test_people_of_another_connections_domain_are_out_of_reach(
        self, visit: HttpRequest, sso: SsoConnection, acme: Organization, mia: User
    ) -> None:
        """A small provider, for contractors say, names none of the staff; nor by a subject that
        it knew before the person's address changed."""
        contractors = factories.sso_connection(factories.sso_domain(acme, "acme.example"))

        assert refused(visit, contractors, Claims("1", "mia@example.com")) == "not_its_domain"

        come(visit, contractors, Claims("2", "ada@acme.example"))
        visit.session.flush()
        visit.user = AnonymousUser()
        User.objects.filter(email="ada@acme.example").update(email="ada@example.com")
        with pytest.raises(SignInRefused) as caught:
            come(visit, contractors, Claims("2", "ada@acme.example"))
        assert caught.value.reason == "not_its_domain"

    def test_a_domain_that_is_given_to_no_connection_is_nobodys(
        self, visit: HttpRequest, sso: SsoConnection, acme_domain: SsoDomain, mia: User
    ) -> None:
        SsoDomain.objects.update(connection=None)

        assert refused(visit, sso, Claims("1", "mia@example.com")) == "not_its_domain"

    def test_who_signed_up_with_the_address_before_is_shut_out(
        self, visit: HttpRequest, sso: SsoConnection, claims: Claims
    ) -> None:
        """Where nobody had to prove an address, somebody else may have taken hers."""
        squatted = User.objects.create_user("mia@example.com", factories.PASSWORD)
        TOTP.activate(squatted, "JBSWY3DPEHPK3PXP")
        theirs = Client()
        theirs.force_login(squatted)
        UserSession.objects.create(
            user=squatted, ip="203.0.113.66", session_key=theirs.session.session_key
        )

        come(visit, sso, claims)

        assert visit.user == squatted
        squatted.refresh_from_db()
        assert not squatted.has_usable_password()
        assert not is_mfa_enabled(squatted)
        assert theirs.get("/profile/").status_code == 302

    def test_no_provider_gets_past_a_second_factor_that_guards_another_organization(
        self, visit: HttpRequest, sso: SsoConnection, umbrella: Organization, claims: Claims
    ) -> None:
        """Without mail no address is ever confirmed, so this may be her own account as well."""
        hers = factories.member("mia", umbrella, Role.ORGANIZATION_OWNER)
        TOTP.activate(hers, "JBSWY3DPEHPK3PXP")

        assert refused(visit, sso, claims) == "guarded_account"

        hers.refresh_from_db()
        assert hers.has_usable_password()
        assert is_mfa_enabled(hers)

    def test_who_has_proven_the_address_keeps_the_password(
        self, visit: HttpRequest, sso: SsoConnection, claims: Claims
    ) -> None:
        before = User.objects.create_user("mia@example.com", factories.PASSWORD)
        EmailAddress.objects.create(user=before, email=before.email, verified=True, primary=True)

        come(visit, sso, claims)

        before.refresh_from_db()
        assert before.has_usable_password()

    def test_a_member_keeps_the_password(
        self, visit: HttpRequest, sso: SsoConnection, mia: User, claims: Claims
    ) -> None:
        come(visit, sso, claims)

        mia.refresh_from_db()
        assert mia.has_usable_password()

    def test_a_second_factor_of_the_console_is_still_asked_for(
        self, visit: HttpRequest, sso: SsoConnection, mia: User, claims: Claims
    ) -> None:
        TOTP.activate(mia, "JBSWY3DPEHPK3PXP")

        answer = come(visit, sso, claims)

        assert answer["Location"] == "/accounts/2fa/authenticate/"
        assert not visit.user.is_authenticated
