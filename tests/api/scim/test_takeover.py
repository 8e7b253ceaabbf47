"""An identity provider decides over its own domains, and over nobody else's people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.db import connection as database
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from access.actor import Origin, system
from access.roles import Role
from accounts.models import (
    ApiToken,
    Invitation,
    Organization,
    OrganizationRoleBinding,
    ProvisionedUser,
    SsoConnection,
    SsoDomain,
    SsoIdentity,
    TeamMembership,
    User,
)
from accounts.services import invitations, members, organization_tokens
from accounts.services.provisioning import users
from accounts.services.provisioning.wanted import WantedUser
from accounts.sso.claims import Claims, SignInRefused
from accounts.sso.decisions import decide
from accounts.sso.joining import settle
from astro_ui.bench.waiting import until
from tests import factories
from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe(umbrella: Organization) -> User:
    """Of Umbrella alone; her address lies in no domain of Acme."""
    made = factories.member("zoe", umbrella)
    made.email = "zoe@elsewhere.org"
    made.save()
    return made


def test_a_stranger_is_not_linked_changed_or_made_a_member(
    idp: Provider, acme: Organization, zoe: User
) -> None:
    made = idp.user("zoe@elsewhere.org", displayName="Owned")
    record = ProvisionedUser.objects.get(pk=made["id"])
    zoe.refresh_from_db()

    assert record.user is None
    assert zoe.full_name == "Zoe"
    assert not OrganizationRoleBinding.objects.filter(user=zoe, organization=acme).exists()
    assert Invitation.objects.pending().get(organization=acme).email == "zoe@elsewhere.org"


def test_no_account_is_made_for_a_foreign_address(idp: Provider) -> None:
    idp.user("victim@elsewhere.org")
    assert not User.objects.filter(email="victim@elsewhere.org").exists()


def test_who_accepts_the_invitation_is_linked_and_in_the_teams(
    idp: Provider, acme: Organization, zoe: User
) -> None:
    made = idp.user("zoe@elsewhere.org")
    idp.group("Analysts", made)
    waiting = Invitation.objects.get(organization=acme)
    invitations.accept(waiting, zoe, actor=factories.actor(zoe))

    assert ProvisionedUser.objects.get(pk=made["id"]).user == zoe
    assert zoe.pk in {each.user_id for team in acme.teams.all() for each in team.memberships.all()}


def test_a_record_moved_onto_a_strangers_address_leaves_them_alone(
    idp: Provider, zoe: User
) -> None:
    made = idp.user("jane@example.com")
    answer = idp.patch(
        f"/Users/{made['id']}", {"op": "replace", "path": "userName", "value": "zoe@elsewhere.org"}
    )
    jane = User.objects.get(email="jane@example.com")
    zoe.refresh_from_db()

    assert answer.status_code == 200
    assert ProvisionedUser.objects.get(pk=made["id"]).user == jane
    assert zoe.full_name == "Zoe"


def test_an_address_of_another_account_in_the_domain_is_409(idp: Provider, mia: User) -> None:
    made = idp.user("jane@example.com")
    answer = idp.patch(
        f"/Users/{made['id']}", {"op": "replace", "path": "userName", "value": "mia@example.com"}
    )
    assert answer.status_code == 409
    assert answer.json()["scimType"] == "uniqueness"
    assert answer.json()["detail"].endswith("or let the other one go first.")


def test_a_name_changes_in_a_proven_domain_alone(
    idp: Provider, acme: Organization, zoe: User
) -> None:
    OrganizationRoleBinding.objects.create(
        organization=acme, user=zoe, role=Role.ORGANIZATION_MEMBER
    )
    made = idp.user("zoe@elsewhere.org", displayName="Renamed")
    zoe.refresh_from_db()

    assert ProvisionedUser.objects.get(pk=made["id"]).user == zoe
    assert zoe.full_name == "Zoe"


def test_a_member_elsewhere_keeps_that_and_their_sessions(
    idp: Provider, acme: Organization, umbrella: Organization, zoe: User
) -> None:
    OrganizationRoleBinding.objects.create(
        organization=acme, user=zoe, role=Role.ORGANIZATION_MEMBER
    )
    made = idp.user("zoe@elsewhere.org")
    browser = _signed_in(zoe)
    idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})

    assert OrganizationRoleBinding.objects.filter(user=zoe, organization=umbrella).exists()
    assert not OrganizationRoleBinding.objects.filter(user=zoe, organization=acme).exists()
    assert browser.get("/profile/").status_code == 200


def test_who_squatted_on_an_address_of_the_domain_is_shut_out(idp: Provider) -> None:
    """Signed up where nobody had to prove the address, and waiting for its owner's groups."""
    squatted = User.objects.create_user("ceo@example.com", factories.PASSWORD)
    browser = _signed_in(squatted)
    assert browser.get("/profile/").status_code == 200

    idp.user("ceo@example.com")

    squatted.refresh_from_db()
    assert not squatted.has_usable_password()
    assert browser.get("/profile/").status_code == 302


def test_a_second_factor_that_guards_another_organization_stays(
    idp: Provider, acme: Organization, umbrella: Organization
) -> None:
    hers = factories.member("ceo", umbrella, Role.ORGANIZATION_OWNER)
    TOTP.activate(hers, "JBSWY3DPEHPK3PXP")

    answer = idp.post("/Users", {"userName": "ceo@example.com"})

    assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")
    assert "Invite the address" in answer.json()["detail"]
    hers.refresh_from_db()
    assert hers.has_usable_password()
    assert is_mfa_enabled(hers)
    assert not OrganizationRoleBinding.objects.filter(user=hers, organization=acme).exists()


def test_a_member_who_is_provisioned_later_keeps_session_and_password(
    idp: Provider, mia: User
) -> None:
    browser = _signed_in(mia)
    idp.user(mia.email)

    mia.refresh_from_db()
    assert mia.has_usable_password()
    assert browser.get("/profile/").status_code == 200


def test_a_leaver_of_the_domain_is_signed_out_everywhere(
    idp: Provider, umbrella: Organization
) -> None:
    made = idp.user("jane@example.com")
    jane = User.objects.get(email="jane@example.com")
    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=jane, role=Role.ORGANIZATION_MEMBER
    )
    browser = _signed_in(jane)
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


@pytest.fixture
def guest(idp: Provider, acme: Organization, zoe: User) -> dict[str, Any]:
    """Zoe's record, who had accepted Acme's invitation and has left by herself since."""
    made = idp.user("zoe@elsewhere.org")
    waiting = Invitation.objects.get(organization=acme)
    invitations.accept(waiting, zoe, actor=factories.actor(zoe))
    held = OrganizationRoleBinding.objects.get(organization=acme, user=zoe)
    members.leave(held, actor=factories.actor(zoe))
    return made


def test_a_guest_who_left_is_asked_and_not_brought_back(
    idp: Provider, acme: Organization, zoe: User, guest: dict[str, Any]
) -> None:
    idp.patch(f"/Users/{guest['id']}", {"op": "replace", "path": "title", "value": "Doctor"})

    assert not OrganizationRoleBinding.objects.filter(user=zoe, organization=acme).exists()
    waiting = Invitation.objects.pending().get(organization=acme)
    invitations.accept(waiting, zoe, actor=factories.actor(zoe))
    assert ProvisionedUser.objects.get(pk=guest["id"]).user == zoe


def test_a_group_brings_nobody_back_who_left(
    idp: Provider, acme: Organization, zoe: User, guest: dict[str, Any]
) -> None:
    idp.group("Analysts", guest)

    assert not TeamMembership.objects.filter(user=zoe).exists()


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


def test_a_record_that_goes_takes_its_invitation_along(idp: Provider, acme: Organization) -> None:
    made = idp.user("zoe@elsewhere.org")
    idp.call("DELETE", f"/Users/{made['id']}")
    assert not Invitation.objects.pending().filter(organization=acme).exists()


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.get("/profile/")
    return client


def test_who_was_switched_off_comes_back_by_no_other_way(idp: Provider, acme: Organization) -> None:
    """Not by just-in-time membership at the next sign-in either."""
    made = idp.user("jane@example.com")
    connection = SsoConnection(organization=acme, jit_enabled=True)
    claims = Claims(subject="jane", email="jane@example.com")
    assert decide(connection, claims).is_member
    idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})

    with pytest.raises(SignInRefused, match="switched"):
        decide(connection, claims)
