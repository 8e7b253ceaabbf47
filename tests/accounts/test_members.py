"""What changing and removing members of an Organization promises."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from access import scopes
from access.permissions import Permission
from access.policy import PermissionDenied
from access.roles import Role
from access.scopes import Principal
from accounts.models import Organization, OrganizationRoleBinding, User
from accounts.services import members
from audit.models import AuditRecord, Outcome
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from web.errors import Conflict, DomainError, InvalidInput
from workspaces.models import WorkspaceRoleBinding


def membership(user: User) -> OrganizationRoleBinding:
    return OrganizationRoleBinding.objects.get(user=user)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Principal]:
    found: list[Principal] = []
    monkeypatch.setattr(scopes, "_listeners", [found.append])
    return found


def test_an_owner_gives_another_role(olivia: User, mia: User) -> None:
    members.change_member_role(
        membership(mia), role=Role.ORGANIZATION_BILLING_ADMIN, actor=factories.actor(olivia)
    )

    assert membership(mia).role == "ORGANIZATION_BILLING_ADMIN"
    row = AuditRecord.objects.get(action="accounts.change_member_role")
    assert row.before == {"role": "ORGANIZATION_MEMBER"}
    assert row.after == {"role": "ORGANIZATION_BILLING_ADMIN"}


def test_a_member_gives_no_roles_and_the_attempt_is_written_down(mia: User, bill: User) -> None:
    with pytest.raises(PermissionDenied):
        members.change_member_role(
            membership(mia), role=Role.ORGANIZATION_OWNER, actor=factories.actor(mia)
        )

    assert membership(mia).role == "ORGANIZATION_MEMBER"
    refused = AuditRecord.objects.get(action="accounts.change_member_role")
    assert refused.outcome == Outcome.REFUSED


def test_a_workspace_role_is_no_role_of_an_organization(olivia: User, mia: User) -> None:
    with pytest.raises(InvalidInput):
        members.change_member_role(
            membership(mia), role=Role.WORKSPACE_OWNER, actor=factories.actor(olivia)
        )


def test_the_last_owner_can_neither_be_demoted_nor_leave(olivia: User, mia: User) -> None:
    actor = factories.actor(olivia)

    with pytest.raises(Conflict):
        members.change_member_role(membership(olivia), role=Role.ORGANIZATION_MEMBER, actor=actor)
    with pytest.raises(Conflict):
        members.leave(membership(olivia), actor=actor)
    with pytest.raises(Conflict):
        members.remove_member(membership(olivia), actor=actor)

    assert membership(olivia).role == "ORGANIZATION_OWNER"


def test_an_owner_who_cannot_sign_in_does_not_count(acme: Organization, olivia: User) -> None:
    former = factories.member("former", acme, Role.ORGANIZATION_OWNER)
    User.objects.filter(pk=former.pk).update(status=User.Status.INACTIVE)

    with pytest.raises(Conflict):
        members.leave(membership(olivia), actor=factories.actor(olivia))


def test_the_last_owner_may_be_made_owner_again(olivia: User) -> None:
    members.change_member_role(
        membership(olivia), role=Role.ORGANIZATION_OWNER, actor=factories.actor(olivia)
    )


def test_removal_takes_every_role_below_the_organization(
    olivia: User, wanda: User, etl: Deployment, lab: object
) -> None:
    DeploymentRoleBinding.objects.create(deployment=etl, user=wanda, role=Role.DEPLOYMENT_ADMIN)

    members.remove_member(membership(wanda), actor=factories.actor(olivia))

    assert not WorkspaceRoleBinding.objects.filter(user=wanda).exists()
    assert not DeploymentRoleBinding.objects.filter(user=wanda).exists()
    assert User.objects.filter(pk=wanda.pk).exists()
    assert not factories.actor(wanda).can(Permission.DEPLOYMENT_GET, etl)


def test_removal_leaves_roles_in_other_organizations(
    olivia: User, wanda: User, umbrella: Organization, lab: object
) -> None:
    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=wanda, role=Role.ORGANIZATION_MEMBER
    )
    mine = OrganizationRoleBinding.objects.exclude(organization=umbrella).get(user=wanda)

    members.remove_member(mine, actor=factories.actor(olivia))

    assert OrganizationRoleBinding.objects.get(user=wanda).organization == umbrella


def test_a_member_leaves_by_themselves(mia: User, olivia: User) -> None:
    members.leave(membership(mia), actor=factories.actor(mia))

    assert not OrganizationRoleBinding.objects.filter(user=mia).exists()
    row = AuditRecord.objects.get(action="accounts.leave")
    assert row.before == {
        "role": "ORGANIZATION_MEMBER",
        "custom_role": None,
        "expires_at": None,
    }


def test_nobody_is_made_to_leave_by_an_equal(mia: User, bill: User) -> None:
    with pytest.raises(InvalidInput):
        members.leave(membership(bill), actor=factories.actor(mia))


def test_open_tabs_hear_of_a_change_only_once_it_is_committed(
    olivia: User,
    mia: User,
    heard: list[Principal],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        members.change_member_role(
            membership(mia), role=Role.ORGANIZATION_OWNER, actor=factories.actor(olivia)
        )
        assert heard == []
    assert [principal.id for principal in heard] == [mia.pk]


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_once_leave_one(
    acme: Organization, olivia: User
) -> None:
    otto = factories.member("otto", acme, Role.ORGANIZATION_OWNER)
    at_once = threading.Barrier(2)
    answers: list[str] = []

    def demote(by: User, whom: User) -> None:
        try:
            target, actor = membership(whom), factories.actor(by)
            assert actor.can(Permission.ORGANIZATION_USERS_UPDATE_ROLES, target)
            at_once.wait(timeout=10)
            members.change_member_role(target, role=Role.ORGANIZATION_MEMBER, actor=actor)
            answers.append("done")
        except DomainError as refusal:
            answers.append(type(refusal).__name__)
        finally:
            connections.close_all()

    pair = [threading.Thread(target=demote, args=args) for args in ((olivia, otto), (otto, olivia))]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join(timeout=20)
    connection.close()

    assert sorted(answers) == ["Conflict", "done"]
    owners = OrganizationRoleBinding.objects.filter(role=Role.ORGANIZATION_OWNER)
    assert owners.count() == 1
