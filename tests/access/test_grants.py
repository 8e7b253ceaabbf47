"""Whose roles are read: one question for all tables, and never somebody else's answer."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.actor import ANONYMOUS, Actor, system
from access.roles import Role
from access.scopes import Scope, ScopeKind
from accounts.models import Organization, User
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from workspaces.models import Workspace

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
