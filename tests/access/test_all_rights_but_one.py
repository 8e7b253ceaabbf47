"""A page refuses whoever holds every right but its own, before it shows anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.test import Client
from django.urls import reverse

from access.permissions import Permission
from access.roles import PERMISSIONS_OF, Role
from accounts.models import CustomRole, User
from tests import factories
from workspaces.models import Workspace


class Page(NamedTuple):
    right: str
    route: str
    args: tuple[str, ...]
    query: str = ""
    method: str = "GET"


ORGANIZATION = [
    Page("organization.auditLogs.get", "accounts:audit", ("acme",)),
    Page("organization.auditLogs.get", "accounts:audit_filters", ("acme",)),
    Page("organization.auditLogs.get", "accounts:audit_sinks", ("acme",)),
    Page("organization.update", "accounts:audit_sink_new", ("acme", "sink_kind")),
    Page("organization.update", "accounts:audit_sink", ("acme", "sink")),
    Page("organization.ipAccess.update", "accounts:ip_access", ("acme",)),
    Page("organization.ssoConnections.update", "accounts:group_rules", ("acme",)),
    Page("organization.ssoConnections.update", "accounts:sso_connection", ("acme", "sso")),
    Page("organization.domains.update", "accounts:sso_domain", ("acme", "acme_domain")),
    Page("organization.scim.update", "accounts:scim", ("acme",)),
    Page("organization.customRoles.create", "accounts:role_create", ("acme",)),
    Page("organization.customRoles.update", "accounts:role_edit", ("acme", "custom_role")),
    Page("organization.customRoles.delete", "accounts:role_delete", ("acme", "custom_role")),
    Page("organization.users.remove", "accounts:member_remove", ("acme", "mia")),
    Page("organization.teams.create", "accounts:team_create", ("acme",)),
    Page("organization.teams.update", "accounts:team_edit", ("acme", "crew")),
    Page("organization.teams.delete", "accounts:team_delete", ("acme", "crew")),
    Page(
        "organization.teams.update",
        "accounts:team_member_remove",
        ("acme", "crew", "mia"),
        method="POST",
    ),
    Page("organization.apiTokens.get", "accounts:token_new", ("acme",)),
    Page("organization.apiTokens.create", "accounts:token_new", ("acme",)),
    Page("organization.invites.create", "workspaces:invite", ("acme",)),
    Page("organization.workspaces.create", "workspaces:create", ("acme",)),
]
WORKSPACE = [
    Page("workspace.delete", "workspaces:delete", ("science",)),
    Page("workspace.roles.update", "workspaces:member_add", ("science",)),
    Page("workspace.teams.assign", "workspaces:team_add", ("science",)),
    Page("workspace.members.get", "workspaces:rights", ("science",), "who=mia@example.com"),
    Page("workspace.apiTokens.get", "workspaces:rights", ("science",), "token=x"),
    Page("workspace.members.get", "workspaces:rights_who", ("science",)),
    Page("workspace.deployments.create", "deployments:create", ("science",)),
]
DEPLOYMENT = [
    Page("deployment.users.get", "deployments:access", ("etl",)),
    Page("deployment.users.create", "deployments:people_give", ("etl",)),
    Page("deployment.teams.get", "deployments:teams_grant", ("etl", "crew")),
    Page("deployment.teams.get", "deployments:teams_take", ("etl", "crew"), method="POST"),
    Page("deployment.users.get", "deployments:rights_who", ("etl",)),
    Page("deployment.envObjects.get", "deployments:environment", ("etl",)),
    Page("deployment.logs.get", "deployments:logs", ("etl",)),
    Page("deployment.airflow.dag.get", "deployments:dags", ("etl",)),
    Page("deployment.airflow.website.get", "deployments:open", ("etl",)),
]


@pytest.fixture
def holder(science: Workspace) -> Callable[[str], User]:
    """Makes nina, who holds all that an Owner of Acme does, except one right."""

    def made(missing: str) -> User:
        nina = factories.user("nina")
        rights = PERMISSIONS_OF[Role.ORGANIZATION_OWNER] - {Permission(missing)}
        factories.holding(nina, science.organization, *rights)
        return nina

    return made


@pytest.mark.parametrize(
    "page",
    [*ORGANIZATION, *WORKSPACE, *DEPLOYMENT],
    ids=lambda page: f"{page.method} {page.route}?{page.query} without {page.right}",
)
def test_a_page_asks_for_its_own_right(
    page: Page, holder: Callable[[str], User], client: Client, request: pytest.FixtureRequest
) -> None:
    address = reverse(page.route, args=[request.getfixturevalue(name).pk for name in page.args])
    client.force_login(holder(page.right))

    answer = client.generic(page.method, f"{address}?{page.query}")

    assert answer.status_code == 403
    assert f"This needs the right {page.right}," in answer.content.decode()


def test_who_may_not_see_roles_begins_a_new_one_from_none(
    holder: Callable[[str], User], client: Client, custom_role: CustomRole
) -> None:
    client.force_login(holder("organization.customRoles.get"))

    page = client.get(reverse("accounts:role_create", args=[custom_role.organization_id]))

    assert page.status_code == 200
    assert custom_role.name not in page.content.decode()
