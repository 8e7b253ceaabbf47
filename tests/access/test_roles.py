"""The role matrix, typed from the published one: what each role may and may not."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import pytest

from access.actions import registry
from access.permissions import Permission
from access.roles import PERMISSIONS_OF, Role
from access.templates import TEMPLATES

ORGANIZATION = {  # member, billing admin, owner
    "organization.get": (1, 1, 1),
    "organization.users.get": (1, 1, 1),
    "organization.lineage.get": (1, 1, 1),
    "organization.clusters.get": (1, 1, 1),
    "organization.billing.update": (0, 1, 1),
    "organization.usage.get": (0, 1, 1),
    "organization.dashboards.get": (0, 1, 1),
    "organization.clusters.create": (0, 0, 1),
    "organization.clusters.update": (0, 0, 1),
    "organization.clusters.delete": (0, 0, 1),
    "organization.workspaces.create": (0, 0, 1),
    "organization.users.updateRoles": (0, 0, 1),
    "organization.invites.create": (0, 0, 1),
    "organization.users.remove": (0, 0, 1),
    "organization.apiTokens.create": (0, 0, 1),
    "organization.apiTokens.update": (0, 0, 1),
    "organization.apiTokens.delete": (0, 0, 1),
    "organization.ssoBypass.get": (0, 0, 1),
    "organization.ssoBypass.rotate": (0, 0, 1),
    "organization.ssoBypass.delete": (0, 0, 1),
    "organization.teams.create": (0, 0, 1),
    "organization.teams.update": (0, 0, 1),
    "organization.teams.delete": (0, 0, 1),
    "organization.secretsFetching.update": (0, 0, 1),
    "organization.ipAccess.update": (0, 0, 1),
    "organization.update": (0, 0, 1),
    "organization.domains.update": (0, 0, 1),
    "organization.ssoConnections.update": (0, 0, 1),
    "organization.scim.update": (0, 0, 1),
    "organization.customRoles.get": (0, 0, 1),
    "organization.customRoles.create": (0, 0, 1),
    "organization.customRoles.update": (0, 0, 1),
    "organization.customRoles.delete": (0, 0, 1),
    "organization.auditLogs.get": (0, 0, 1),
    # Owner of every Workspace
    "workspace.delete": (0, 0, 1),
    "workspace.roles.update": (0, 0, 1),
    "deployment.delete": (0, 0, 1),
    "deployment.apiTokens.create": (0, 0, 1),
}
WORKSPACE = {  # accessor, member, author, operator, owner
    "workspace.getBasic": (1, 1, 1, 1, 1),
    "workspace.members.get": (0, 1, 1, 1, 1),
    "workspace.deployments.get": (0, 1, 1, 1, 1),
    "deployment.get": (0, 1, 1, 1, 1),
    "deployment.airflow.dag.get": (0, 1, 1, 1, 1),
    "deployment.airflow.taskLog.get": (0, 1, 1, 1, 1),
    "deployment.airflow.datasets.get": (0, 1, 1, 1, 1),
    "workspace.ide.get": (0, 1, 1, 1, 1),
    "workspace.alerts.get": (0, 1, 1, 1, 1),
    "deployment.airflow.clusterActivity.get": (0, 1, 1, 1, 1),
    "deployment.airflow.customMenu.get": (0, 1, 1, 1, 1),
    "deployment.airflow.dagRun.create": (0, 0, 1, 1, 1),
    "deployment.airflow.dag.update": (0, 0, 1, 1, 1),
    "deployment.airflow.dagRun.update": (0, 0, 1, 1, 1),
    "deployment.airflow.taskInstance.update": (0, 0, 1, 1, 1),
    "deployment.deploys.create": (0, 0, 1, 1, 1),
    "workspace.ide.create": (0, 0, 1, 1, 1),
    "workspace.ide.update": (0, 0, 1, 1, 1),
    "workspace.ide.delete": (0, 0, 1, 1, 1),
    "workspace.alerts.create": (0, 0, 1, 1, 1),
    "workspace.alerts.update": (0, 0, 1, 1, 1),
    "workspace.alerts.delete": (0, 0, 1, 1, 1),
    "deployment.airflow.connection.get": (0, 0, 1, 1, 1),
    "deployment.airflow.variable.get": (0, 0, 1, 1, 1),
    "deployment.airflow.plugin.get": (0, 0, 1, 1, 1),
    "deployment.airflow.provider.get": (0, 0, 1, 1, 1),
    "deployment.airflow.pool.get": (0, 0, 1, 1, 1),
    "deployment.airflow.xcom.get": (0, 0, 1, 1, 1),
    "deployment.airflow.connection.create": (0, 0, 0, 1, 1),
    "deployment.airflow.connection.update": (0, 0, 0, 1, 1),
    "deployment.airflow.connection.delete": (0, 0, 0, 1, 1),
    "deployment.airflow.variable.update": (0, 0, 0, 1, 1),
    "deployment.airflow.pool.delete": (0, 0, 0, 1, 1),
    "deployment.airflow.xcom.delete": (0, 0, 0, 1, 1),
    "workspace.envObjects.create": (0, 0, 0, 1, 1),
    "workspace.envObjects.update": (0, 0, 0, 1, 1),
    "workspace.envObjects.delete": (0, 0, 0, 1, 1),
    "deployment.update": (0, 0, 0, 1, 1),
    "workspace.deployments.create": (0, 0, 0, 1, 1),
    "deployment.delete": (0, 0, 0, 1, 1),
    "deployment.deploys.update": (0, 0, 0, 1, 1),
    "workspace.apiTokens.create": (0, 0, 0, 1, 1),
    "workspace.apiTokens.update": (0, 0, 0, 1, 1),
    "workspace.apiTokens.delete": (0, 0, 0, 1, 1),
    "deployment.apiTokens.create": (0, 0, 0, 0, 1),
    "deployment.apiTokens.update": (0, 0, 0, 0, 1),
    "deployment.apiTokens.delete": (0, 0, 0, 0, 1),
    "workspace.roles.update": (0, 0, 0, 0, 1),
    "workspace.invites.create": (0, 0, 0, 0, 1),
    "workspace.teams.assign": (0, 0, 0, 0, 1),
    "workspace.teams.remove": (0, 0, 0, 0, 1),
    "workspace.update": (0, 0, 0, 0, 1),
    "workspace.delete": (0, 0, 0, 0, 1),
    "organization.get": (0, 0, 0, 0, 0),
    "organization.workspaces.create": (0, 0, 0, 0, 0),
}
DEPLOYMENT = {  # accessor, admin
    "deployment.get": (1, 1),
    "deployment.airflow.website.get": (0, 1),
    "workspace.getBasic": (0, 0),
    "workspace.deployments.create": (0, 0),
}
CATALOGUE = {  # gestures that there are; then of viewer, author, operator and Deployment Admin
    "": ("gud", "g", "g", "g", "gud"),
    "airflow.adminMenu": ("g", "", "", "g", "g"),
    "airflow.astronomer": ("g", "g", "g", "g", "g"),
    "airflow.auditLog": ("g", "g", "g", "g", "g"),
    "airflow.browseMenu": ("g", "g", "g", "g", "g"),
    "airflow.clusterActivity": ("g", "g", "g", "g", "g"),
    "airflow.customMenu": ("g", "g", "g", "g", "g"),
    "airflow.configMenu": ("g", "", "", "g", "g"),
    "airflow.connection": ("gcud", "", "", "gcud", "gcud"),
    "airflow.dag": ("gud", "g", "gud", "gud", "gud"),
    "airflow.dagCode": ("g", "g", "g", "g", "g"),
    "airflow.dagDependencies": ("g", "g", "g", "g", "g"),
    "airflow.dagRun": ("gcud", "g", "gcud", "gcud", "gcud"),
    "airflow.datasets": ("g", "g", "g", "g", "g"),
    "airflow.docs": ("g", "g", "g", "g", "g"),
    "airflow.importError": ("g", "g", "g", "g", "g"),
    "airflow.job": ("g", "g", "g", "g", "g"),
    "airflow.plugin": ("g", "", "", "g", "g"),
    "airflow.pool": ("gcud", "", "", "gcud", "gcud"),
    "airflow.provider": ("g", "", "", "g", "g"),
    "airflow.slaMiss": ("g", "g", "g", "g", "g"),
    "airflow.taskInstance": ("gcud", "g", "gcud", "gcud", "gcud"),
    "airflow.taskLog": ("g", "g", "g", "g", "g"),
    "airflow.taskReschedule": ("g", "g", "g", "g", "g"),
    "airflow.trigger": ("g", "g", "g", "g", "g"),
    "airflow.variable": ("gcud", "", "", "gcud", "gcud"),
    "airflow.website": ("g", "g", "g", "g", "g"),
    "airflow.xcom": ("gd", "", "", "gd", "gd"),
    "alerts": ("gcud", "g", "g", "gcud", "gcud"),
    "apiTokens": ("gcudr", "", "", "gcudr", ""),
    "deploys": ("gcu", "g", "gc", "gcu", "gcu"),
    "envObjects": ("gcud", "", "g", "gcud", "gcud"),
    "logs": ("g", "g", "g", "g", "g"),
    "metrics": ("g", "g", "g", "g", "g"),
    "teams": ("gd", "g", "g", "g", "gd"),
    "users": ("gd", "g", "g", "g", "gd"),
}
GESTURES = {"g": "get", "c": "create", "u": "update", "d": "delete", "r": "rotate"}
OURS = {"deployment.teams.create", "deployment.users.create"}
"""Without them the catalogue lets one take away what nobody may give."""


def catalogued(column: int) -> set[str]:
    """The ids of one column of the catalogue."""
    return {
        ".".join(filter(None, ("deployment", thing, GESTURES[letter])))
        for thing, cells in CATALOGUE.items()
        for letter in cells[column]
    }


TABLES: list[tuple[Mapping[str, tuple[int, ...]], tuple[str, ...], str]] = [
    (ORGANIZATION, ("MEMBER", "BILLING_ADMIN", "OWNER"), "ORGANIZATION"),
    (WORKSPACE, ("ACCESSOR", "MEMBER", "AUTHOR", "OPERATOR", "OWNER"), "WORKSPACE"),
    (DEPLOYMENT, ("ACCESSOR", "ADMIN"), "DEPLOYMENT"),
]
CASES = [
    (f"{scope}_{role}", permission, bool(cell))
    for table, roles, scope in TABLES
    for permission, cells in table.items()
    for role, cell in zip(roles, cells, strict=True)
]


@pytest.mark.parametrize(("role", "permission", "is_held"), CASES)
def test_role_holds_what_the_matrix_says(role: str, permission: str, is_held: bool) -> None:
    assert (Permission(permission) in PERMISSIONS_OF[Role(role)]) is is_held


def test_the_published_catalogue_has_seventy_deployment_permissions() -> None:
    assert len(catalogued(0)) == 70
    assert {p.value for p in Permission if p.startswith("deployment.")} == catalogued(0) | OURS


@pytest.mark.parametrize(("name", "column"), [("Viewer", 1), ("Author", 2), ("Operator", 3)])
def test_a_template_holds_what_the_catalogue_says(name: str, column: int) -> None:
    assert {permission.value for permission in TEMPLATES[name]} == catalogued(column)


def test_a_deployment_admin_holds_what_the_catalogue_says_and_gives_what_it_takes() -> None:
    held = {permission.value for permission in PERMISSIONS_OF[Role.DEPLOYMENT_ADMIN]}
    assert held == catalogued(4) | OURS


BY_ANY_MEMBER = {"accounts.services.members.leave"}
"""What somebody may do to themself needs no right over others."""
TAKING_A_COPY = {"accounts.services.keeping.export_audit"}
"""Reading that is written down because of how much it takes away."""
READING_AGAIN = {
    "accounts.services.audit_filters.save_filter",
    "accounts.services.audit_filters.remove_filter",
}
"""Who reads a list may keep what they look for."""


def test_actions_ask_only_for_rights_that_change_something() -> None:
    """The published rights to read end in `get` or `getBasic`."""
    import_module("astro_ui.urls")
    asking_to_read = {
        name
        for name, entry in registry.items()
        if entry.permission.rsplit(".")[-1].startswith("get")
    }

    assert asking_to_read == BY_ANY_MEMBER | TAKING_A_COPY | READING_AGAIN
