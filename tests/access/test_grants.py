"""Whose roles are read: one question for all tables, and never somebody else's answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.actor import ANONYMOUS, Actor, system
from access.permissions import Permission
from access.policy import ExceedsOwnRights, require_within
from access.roles import PERMISSIONS_OF, Role
from access.scopes import Scope, ScopeKind
from accounts.models import CustomRole, Organization, User
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = pytest.mark.django_db


def test_roles_in_every_scope_are_read_by_one_question(
    mia: User, acme: Organization, science: Workspace, etl: Deployment
) -> None:
    factories.grant(mia, science, Role.WORKSPACE_AUTHOR)
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, role=Role.DEPLOYMENT_ADMIN)

    with CaptureQueriesContext(connection) as asked:
        roles = Actor(mia.principal).roles

    assert len(asked) == 1
    assert roles == {
        Scope(ScopeKind.ORGANIZATION, acme.pk): {Role.ORGANIZATION_MEMBER},
        Scope(ScopeKind.WORKSPACE, science.pk): {Role.WORKSPACE_AUTHOR, Role.WORKSPACE_ACCESSOR},
        Scope(ScopeKind.DEPLOYMENT, etl.pk): {Role.DEPLOYMENT_ADMIN},
    }


def test_the_next_one_who_asks_gets_their_own(olivia: User, wanda: User, oscar: User) -> None:
    held = [set(Actor(user.principal).roles.values()) for user in (olivia, wanda, oscar)]

    assert held[0] == {frozenset({Role.ORGANIZATION_OWNER})}
    assert frozenset({Role.WORKSPACE_AUTHOR}) in held[1]
    assert set(Actor(oscar.principal).roles).isdisjoint(Actor(olivia.principal).roles)


def test_a_suspended_organization_lends_no_role(
    mia: User, acme: Organization, science: Workspace, etl: Deployment
) -> None:
    factories.grant(mia, science, Role.WORKSPACE_AUTHOR)
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, role=Role.DEPLOYMENT_ADMIN)
    Organization.objects.filter(pk=acme.pk).update(status=Organization.Status.SUSPENDED)

    assert Actor(mia.principal).roles == {}


def test_nobody_and_the_console_itself_ask_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert ANONYMOUS.roles == system("sweep").roles == {}

    assert len(asked) == 0


def test_a_team_lends_its_roles_to_its_members_only(
    mia: User, wanda: User, acme: Organization, science: Workspace, etl: Deployment
) -> None:
    team = factories.team(acme, mia)
    WorkspaceRoleBinding.objects.create(workspace=science, team=team, role=Role.WORKSPACE_OPERATOR)
    DeploymentRoleBinding.objects.create(deployment=etl, team=team, role=Role.DEPLOYMENT_ADMIN)
    place, thing = science.access_scopes()[0], etl.access_scopes()[0]

    assert Actor(mia.principal).roles[place] >= {Role.WORKSPACE_OPERATOR}
    assert Actor(mia.principal).roles[thing] == {Role.DEPLOYMENT_ADMIN}
    assert Role.WORKSPACE_OPERATOR not in Actor(wanda.principal).roles.get(place, ())
    assert Actor(team.principal).roles[thing] == {Role.DEPLOYMENT_ADMIN}


def test_own_and_lent_roles_combine(mia: User, acme: Organization, science: Workspace) -> None:
    factories.grant(mia, science, Role.WORKSPACE_AUTHOR)
    team = factories.team(acme, mia)
    WorkspaceRoleBinding.objects.create(workspace=science, team=team, role=Role.WORKSPACE_MEMBER)

    assert Actor(mia.principal).roles[science.access_scopes()[0]] == {
        Role.WORKSPACE_AUTHOR,
        Role.WORKSPACE_MEMBER,
    }


@pytest.mark.parametrize(("minutes", "is_held"), [(-1, False), (1, True)])
def test_a_grant_gives_nothing_from_its_end_on(
    mia: User, science: Workspace, minutes: int, is_held: bool
) -> None:
    until = timezone.now() + timedelta(minutes=minutes)
    WorkspaceRoleBinding.objects.create(
        workspace=science, user=mia, role=Role.WORKSPACE_OWNER, expires_at=until
    )

    assert Actor(mia.principal).can(Permission.WORKSPACE_DELETE, science) is is_held


def test_a_custom_role_gives_its_rights_and_the_one_to_enter(
    mia: User, acme: Organization, science: Workspace
) -> None:
    made = CustomRole.objects.create(
        organization=acme,
        scope_type="WORKSPACE",
        name="Watcher",
        permissions=["deployment.logs.get", "deployment.gone.by.now"],
    )
    WorkspaceRoleBinding.objects.create(workspace=science, user=mia, custom_role=made)

    with CaptureQueriesContext(connection) as asked:
        rights = Actor(mia.principal).permissions_on(science)

    assert len(asked) == 2
    assert rights - PERMISSIONS_OF[Role.ORGANIZATION_MEMBER] == {
        Permission.DEPLOYMENT_LOGS_GET,
        Permission.WORKSPACE_GET_BASIC,
    }


def test_nobody_hands_on_more_than_they_hold(mia: User, wanda: User, science: Workspace) -> None:
    factories.grant(mia, science, Role.WORKSPACE_OPERATOR)
    mias = Actor(mia.principal)

    require_within(mias, Role.WORKSPACE_AUTHOR, science)
    with pytest.raises(ExceedsOwnRights, match=r"deployment\.apiTokens\.create"):
        require_within(mias, Role.WORKSPACE_OWNER, science)


def test_a_binding_has_one_role_and_one_subject(
    mia: User, acme: Organization, science: Workspace
) -> None:
    team = factories.team(acme)
    for wrong in (
        {"user": mia, "team": team, "role": Role.WORKSPACE_MEMBER},
        {"user": mia, "role": ""},
        {"role": Role.WORKSPACE_MEMBER},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkspaceRoleBinding.objects.create(workspace=science, **wrong)
