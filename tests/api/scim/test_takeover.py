"""An identity provider decides over its own domains, and over nobody else's people."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled

from access.roles import Role
from accounts.models import (
    Invitation,
    Organization,
    OrganizationRoleBinding,
    ProvisionedUser,
    TeamMembership,
    User,
)
from accounts.services import invitations, members
from tests import factories
from tests.api.scim.browsers import signed_in
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
    browser = signed_in(zoe)
    idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})

    assert OrganizationRoleBinding.objects.filter(user=zoe, organization=umbrella).exists()
    assert not OrganizationRoleBinding.objects.filter(user=zoe, organization=acme).exists()
    assert browser.get("/profile/").status_code == 200


def test_who_squatted_on_an_address_of_the_domain_is_shut_out(idp: Provider) -> None:
    """Signed up where nobody had to prove the address, and waiting for its owner's groups."""
    squatted = User.objects.create_user("ceo@example.com", factories.PASSWORD)
    browser = signed_in(squatted)
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
    browser = signed_in(mia)
    idp.user(mia.email)

    mia.refresh_from_db()
    assert mia.has_usable_password()
    assert browser.get("/profile/").status_code == 200


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


def test_a_record_that_goes_takes_its_invitation_along(idp: Provider, acme: Organization) -> None:
    made = idp.user("zoe@elsewhere.org")
    idp.call("DELETE", f"/Users/{made['id']}")
    assert not Invitation.objects.pending().filter(organization=acme).exists()
