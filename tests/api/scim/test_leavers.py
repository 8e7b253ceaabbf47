"""Whom the provider switches off leaves, with sessions and tokens, and comes in by no other way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection as database
from django.db import connections, transaction
from django.utils import timezone

from access.actor import Origin, system
from access.roles import Role
from accounts.models import (
    ApiToken,
    Organization,
    OrganizationRoleBinding,
    ProvisionedUser,
    SsoConnection,
    SsoDomain,
    SsoIdentity,
    User,
)
from accounts.services import organization_tokens
from accounts.services.provisioning import users
from accounts.services.provisioning.wanted import WantedUser
from accounts.sso.claims import Claims, SignInRefused
from accounts.sso.decisions import decide
from accounts.sso.joining import settle
from astro_ui.bench.waiting import until
from tests import factories
from tests.api.scim.browsers import signed_in
from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db


def test_a_leaver_of_the_domain_is_signed_out_everywhere(
    idp: Provider, umbrella: Organization
) -> None:
    made = idp.user("jane@example.com")
    jane = User.objects.get(email="jane@example.com")
    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=jane, role=Role.ORGANIZATION_MEMBER
    )
    browser = signed_in(jane)
    assert browser.get("/profile/").status_code == 200
    idp.patch(f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": "False"})

    assert browser.get("/profile/").status_code == 302
    assert not UserSession.objects.filter(user=jane).exists()
    assert OrganizationRoleBinding.objects.filter(user=jane, organization=umbrella).exists()


def test_tokens_that_a_leaver_made_are_void_and_the_callers_is_not(
    idp: Provider, acme: Organization, umbrella: Organization
) -> None:
    made = idp.user("jane@example.com")
    jane = User.objects.get(email="jane@example.com")
    here = organization_tokens.create_token(
        acme, name="here", role=Role.ORGANIZATION_OWNER, actor=system("test")
    )
    elsewhere = organization_tokens.create_token(
        umbrella, name="elsewhere", role=Role.ORGANIZATION_OWNER, actor=system("test")
    )
    ApiToken.objects.update(created_by=jane)
    idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})

    here.refresh_from_db()
    elsewhere.refresh_from_db()
    assert not here.is_usable
    assert elsewhere.is_usable
    assert idp.get("/Users").status_code == 200


@pytest.mark.parametrize("said", ["jane@example.com", "jane.doe@example.com"])
def test_whom_the_provider_switched_off_no_other_address_of_theirs_lets_in(
    idp: Provider, acme: Organization, said: str
) -> None:
    made = idp.user("jane@example.com")
    jane = User.objects.get(email="jane@example.com")
    connection = factories.sso_connection(SsoDomain.objects.get())
    SsoIdentity.objects.create(
        connection=connection, subject="jane", user=jane, last_seen_at=timezone.now()
    )
    idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})

    with pytest.raises(SignInRefused) as refused:
        decide(connection, Claims(subject="jane", email=said))

    assert refused.value.reason == "deactivated"


@pytest.mark.django_db(transaction=True)
def test_who_is_switched_off_while_they_sign_in_is_not_signed_in(
    idp: Provider, acme: Organization
) -> None:
    """Both at the same moment: the sign-in waits, and then finds them switched off."""
    made = idp.user("jane@example.com")
    connection = factories.sso_connection(SsoDomain.objects.get())
    claims = Claims(subject="jane", email="jane@example.com")
    record = ProvisionedUser.objects.get(pk=made["id"])

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        off = WantedUser("jane@example.com", "", is_active=False, attributes={})
        users.change(record, change=lambda _: off, actor=system("test"))
        signing_in = other.submit(_settled, connection, claims)
        until(_somebody_waits, "the sign-in waits")

    assert signing_in.result(20) == "deactivated"
    assert not OrganizationRoleBinding.objects.filter(user__email="jane@example.com").exists()


def _settled(connection: SsoConnection, claims: Claims) -> str:
    """Why not, in the word for machines."""
    try:
        settle(connection, claims, origin=Origin(door="page"))
    except SignInRefused as refusal:
        return refusal.reason
    finally:
        connections.close_all()
    return "signed in"


def _somebody_waits() -> bool:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_a_leaver_takes_the_tokens_along_whose_value_they_learnt_last(
    idp: Provider, acme: Organization, olivia: User, bill: User
) -> None:
    """Olivia made two: one of them bill rotated since, who leaves; of the other it was he who made
    it, and she rotated it."""
    bill_row = OrganizationRoleBinding.objects.get(user=bill)
    bill_row.role = Role.ORGANIZATION_OWNER
    bill_row.save()
    made = idp.user("bill@example.com")
    his = _token(acme, by=olivia, rotated_by=bill)
    hers = _token(acme, by=bill, rotated_by=olivia)

    idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})

    his.refresh_from_db()
    hers.refresh_from_db()
    assert not his.is_usable
    assert hers.is_usable


def _token(organization: Organization, *, by: User, rotated_by: User) -> ApiToken:
    made = organization_tokens.create_token(
        organization, name=f"of {by}", role=Role.ORGANIZATION_MEMBER, actor=factories.actor(by)
    )
    held = OrganizationRoleBinding.objects.get(api_token=made)
    return organization_tokens.rotate_token(held, actor=factories.actor(rotated_by))


def test_who_was_switched_off_comes_back_by_no_other_way(idp: Provider, acme: Organization) -> None:
    """Not by just-in-time membership at the next sign-in either."""
    made = idp.user("jane@example.com")
    connection = SsoConnection(organization=acme, jit_enabled=True)
    claims = Claims(subject="jane", email="jane@example.com")
    assert decide(connection, claims).is_member
    idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})

    with pytest.raises(SignInRefused, match="switched"):
        decide(connection, claims)
