"""What the pages of effective access promise: they say what the rights are, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from access.actor import Actor, system
from access.permissions import Permission
from access.roles import Role
from access.scopes import Principal, PrincipalKind
from accounts import effective
from accounts.models import (
    ApiToken,
    CustomRole,
    Organization,
    Team,
    User,
)
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services import tokens


@pytest.fixture
def watcher(acme: Organization, science: Workspace, mia: User) -> CustomRole:
    made = CustomRole.objects.create(
        organization=acme,
        scope_type="WORKSPACE",
        name="Watcher",
        permissions=["deployment.logs.get"],
    )
    WorkspaceRoleBinding.objects.create(workspace=science, user=mia, custom_role=made)
    return made


def test_reasons_add_up_to_what_an_actor_may(
    crew: Team,
    watcher: CustomRole,
    pipeline_token: ApiToken,
    olivia: User,
    bill: User,
    mia: User,
    wanda: User,
    oliver: User,
    oscar: User,
    science: Workspace,
    etl: Deployment,
) -> None:
    DeploymentRoleBinding.objects.create(deployment=etl, user=bill, role=Role.DEPLOYMENT_ADMIN)
    token = Principal(PrincipalKind.API_TOKEN, pipeline_token.pk, "pipeline")
    cast = [*(each.principal for each in (olivia, bill, mia, wanda, oliver, oscar, crew)), token]

    for principal in cast:
        for subject in (science, etl):
            told = {
                right
                for reason in effective.reasons(principal, subject)
                for right in reason.rights
                if not right.startswith("organization.")
            }
            held = {
                right
                for right in Actor(principal).permissions_on(subject)
                if not right.startswith("organization.")
            }
            assert told == held, (principal, subject)


@pytest.mark.parametrize(
    "permission",
    [
        "workspace.getBasic",
        "workspace.members.get",
        "workspace.roles.update",
        "deployment.get",
        "deployment.logs.get",
        "deployment.update",
        "organization.get",
    ],
)
def test_who_can_is_everybody_whose_rights_say_so(
    permission: str,
    crew: Team,
    watcher: CustomRole,
    olivia: User,
    bill: User,
    wanda: User,
    oliver: User,
    oscar: User,
    science: Workspace,
    etl: Deployment,
) -> None:
    DeploymentRoleBinding.objects.create(deployment=etl, user=bill, role=Role.DEPLOYMENT_ADMIN)
    right = Permission(permission)

    for subject in (science, etl):
        told = set(effective.people_with(right, subject))
        can = {u for u in User.objects.all() if Actor(u.principal).can(right, subject)}
        assert told == can, subject
        assert set(effective.why(right, subject, list(told))) == {each.pk for each in told}


def test_a_grant_that_ended_is_no_reason(wanda: User, science: Workspace) -> None:
    WorkspaceRoleBinding.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    (left,) = effective.reasons(wanda.principal, science)
    assert left.scope_and_role == "Organization Member"
    assert wanda not in effective.people_with(Permission.WORKSPACE_GET_BASIC, science)


def test_the_own_view_says_through_which_team(
    client: Client, wanda: User, crew: Team, etl: Deployment
) -> None:
    client.force_login(wanda)

    words = client.get(reverse("deployments:rights", args=[etl.pk])).content.decode()

    assert "What may I do here?" in words
    assert "Team Crew" in words
    assert "deployment.deploys.create" in words


def test_an_admin_asks_about_somebody_a_team_and_a_token(
    client: Client,
    olivia: User,
    wanda: User,
    crew: Team,
    etl: Deployment,
    pipeline_token: ApiToken,
) -> None:
    client.force_login(olivia)
    address = reverse("deployments:rights", args=[etl.pk])

    assert (
        "What may wanda@example.com do"
        in client.get(address, {"who": "WANDA@example.com"}).content.decode()
    )
    assert "What may Crew do" in client.get(address, {"who": "crew"}).content.decode()
    words = client.get(address, {"token": pipeline_token.pk}).content.decode()
    assert "What may pipeline do" in words
    assert "Deployment Admin" in words


def test_people_and_teams_of_other_organizations_are_nobody(
    client: Client, olivia: User, oscar: User, umbrella: Organization, etl: Deployment
) -> None:
    factories.team(umbrella, oscar, name="Spies")
    client.force_login(olivia)
    address = reverse("deployments:rights", args=[etl.pk])

    for name in ("oscar@example.com", "Spies", "nobody@example.com"):
        assert "Nobody here has this name" in client.get(address, {"who": name}).content.decode()


def test_who_holds_nothing_here_is_nobody_to_who_may_not_list_them(
    client: Client, acme: Organization, science: Workspace, wanda: User, mia: User
) -> None:
    """Otto runs Data Science, and reads neither people, Teams nor tokens of the Organization."""
    otto = factories.narrow("otto", acme, "organization.get")
    factories.grant(otto, science, Role.WORKSPACE_OWNER)
    factories.team(acme, mia, name="Payroll crew")
    elsewhere = Workspace.objects.create(organization=acme, name="Payroll")
    token = tokens.create_token(
        elsewhere, name="payroll-export", role=Role.WORKSPACE_MEMBER, actor=system("test")
    )
    client.force_login(otto)
    address = reverse("workspaces:rights", args=[science.pk])

    for asked in ({"who": "mia@example.com"}, {"who": "Payroll crew"}, {"token": token.pk}):
        words = client.get(address, asked).content.decode()
        assert "Nobody here has this name" in words
        assert "payroll-export" not in words
    assert (
        "What may wanda@example.com do"
        in client.get(address, {"who": "wanda@example.com"}).content.decode()
    )
    for page in ("rights", "team_add"):
        there = client.get(reverse(f"workspaces:{page}", args=[science.pk]))
        assert there.status_code == 200
        assert "Payroll crew" not in there.content.decode()


def test_who_cannot_list_people_asks_only_about_themselves(
    client: Client, mia: User, etl: Deployment
) -> None:
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, role=Role.DEPLOYMENT_ACCESSOR)
    client.force_login(mia)
    address = reverse("deployments:rights", args=[etl.pk])

    assert client.get(address).status_code == 200
    assert client.get(address, {"who": "olivia@example.com"}).status_code == 403
    assert client.get(reverse("deployments:rights_who", args=[etl.pk])).status_code == 403


def test_a_disabled_button_names_the_role_and_who_can_grant_it(
    client: Client, olivia: User, mia: User, wanda: User, science: Workspace, etl: Deployment
) -> None:
    factories.grant(mia, science, Role.WORKSPACE_OWNER)
    client.force_login(wanda)

    words = client.get(reverse("deployments:detail", args=[etl.pk])).content.decode()
    assert "Needs Workspace Operator. Mia or Olivia can grant it." in words
    words = client.get(reverse("workspaces:members", args=[science.pk])).content.decode()
    assert "Mia or Olivia can grant it." in words


def test_who_can_costs_the_same_for_2_people_and_100(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    client.force_login(olivia)
    address = reverse("workspaces:rights_who", args=[science.pk])

    def add(numbers: range) -> None:
        for number in numbers:
            made = factories.member(f"somebody{number}", acme)
            factories.grant(made, science, Role.WORKSPACE_MEMBER)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    add(range(2))
    cost()
    few = cost()
    add(range(2, 100))
    assert cost() == few
