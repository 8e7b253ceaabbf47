"""Which role holds which rights: one table, from which the roles page renders.

Source: the published role matrices of Organization and Workspace, and the Deployment permission
catalogue with its templates. Where they disagree: Deployment tokens are the Owner's (grantable by
custom role), Workspace tokens the Operator's, and a Deployment Admin manages its alerts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from access.permissions import Permission

P = Permission
Rights = frozenset[Permission]


class Role(StrEnum):
    INSTALLATION_OPERATOR = "INSTALLATION_OPERATOR"
    """Runs the installation; holds no right over what is inside an Organization."""
    ORGANIZATION_OWNER = "ORGANIZATION_OWNER"
    ORGANIZATION_BILLING_ADMIN = "ORGANIZATION_BILLING_ADMIN"
    ORGANIZATION_MEMBER = "ORGANIZATION_MEMBER"
    ORGANIZATION_ACCESSOR = "ORGANIZATION_ACCESSOR"
    """Never granted by hand: what a token of a Workspace or Deployment sees of its Organization."""
    WORKSPACE_OWNER = "WORKSPACE_OWNER"
    WORKSPACE_OPERATOR = "WORKSPACE_OPERATOR"
    WORKSPACE_AUTHOR = "WORKSPACE_AUTHOR"
    WORKSPACE_MEMBER = "WORKSPACE_MEMBER"
    WORKSPACE_ACCESSOR = "WORKSPACE_ACCESSOR"
    DEPLOYMENT_ADMIN = "DEPLOYMENT_ADMIN"
    DEPLOYMENT_ACCESSOR = "DEPLOYMENT_ACCESSOR"

    @property
    def label(self) -> str:
        """As people read it, without its scope: `Billing Admin`."""
        return self.value.split("_", 1)[1].replace("_", " ").title()


@dataclass(frozen=True)
class CustomRole:
    """Rights that an Organization put together itself, as they are at this moment."""

    id: str
    name: str
    permissions: Rights

    @property
    def label(self) -> str:
        return self.name


AnyRole = Role | CustomRole


ORGANIZATION_ROLES = (
    Role.ORGANIZATION_OWNER,
    Role.ORGANIZATION_BILLING_ADMIN,
    Role.ORGANIZATION_MEMBER,
)
WORKSPACE_ROLES = (
    Role.WORKSPACE_OWNER,
    Role.WORKSPACE_OPERATOR,
    Role.WORKSPACE_AUTHOR,
    Role.WORKSPACE_MEMBER,
    Role.WORKSPACE_ACCESSOR,
)
DEPLOYMENT_ROLES = (Role.DEPLOYMENT_ADMIN, Role.DEPLOYMENT_ACCESSOR)


def _below(prefix: str) -> Rights:
    return frozenset(permission for permission in P if permission.startswith(prefix))


_DEPLOYMENT_VIEWER: Rights = frozenset(
    {
        P.DEPLOYMENT_GET,
        P.DEPLOYMENT_AIRFLOW_ASTRONOMER_GET,
        P.DEPLOYMENT_AIRFLOW_AUDIT_LOG_GET,
        P.DEPLOYMENT_AIRFLOW_BROWSE_MENU_GET,
        P.DEPLOYMENT_AIRFLOW_CLUSTER_ACTIVITY_GET,
        P.DEPLOYMENT_AIRFLOW_CUSTOM_MENU_GET,
        P.DEPLOYMENT_AIRFLOW_DAG_GET,
        P.DEPLOYMENT_AIRFLOW_DAG_CODE_GET,
        P.DEPLOYMENT_AIRFLOW_DAG_DEPENDENCIES_GET,
        P.DEPLOYMENT_AIRFLOW_DAG_RUN_GET,
        P.DEPLOYMENT_AIRFLOW_DATASETS_GET,
        P.DEPLOYMENT_AIRFLOW_DOCS_GET,
        P.DEPLOYMENT_AIRFLOW_IMPORT_ERROR_GET,
        P.DEPLOYMENT_AIRFLOW_JOB_GET,
        P.DEPLOYMENT_AIRFLOW_SLA_MISS_GET,
        P.DEPLOYMENT_AIRFLOW_TASK_INSTANCE_GET,
        P.DEPLOYMENT_AIRFLOW_TASK_LOG_GET,
        P.DEPLOYMENT_AIRFLOW_TASK_RESCHEDULE_GET,
        P.DEPLOYMENT_AIRFLOW_TRIGGER_GET,
        P.DEPLOYMENT_AIRFLOW_WEBSITE_GET,
        P.DEPLOYMENT_ALERTS_GET,
        P.DEPLOYMENT_DEPLOYS_GET,
        P.DEPLOYMENT_LOGS_GET,
        P.DEPLOYMENT_METRICS_GET,
        P.DEPLOYMENT_TEAMS_GET,
        P.DEPLOYMENT_USERS_GET,
    }
)
_AIRFLOW_ADMIN_READ: Rights = frozenset(
    {
        P.DEPLOYMENT_AIRFLOW_ADMIN_MENU_GET,
        P.DEPLOYMENT_AIRFLOW_CONNECTION_GET,
        P.DEPLOYMENT_AIRFLOW_PLUGIN_GET,
        P.DEPLOYMENT_AIRFLOW_POOL_GET,
        P.DEPLOYMENT_AIRFLOW_PROVIDER_GET,
        P.DEPLOYMENT_AIRFLOW_VARIABLE_GET,
        P.DEPLOYMENT_AIRFLOW_XCOM_GET,
    }
)
_DEPLOYMENT_AUTHOR: Rights = (
    _DEPLOYMENT_VIEWER
    | _AIRFLOW_ADMIN_READ
    | _below("deployment.airflow.dag.")
    | _below("deployment.airflow.dagRun.")
    | _below("deployment.airflow.taskInstance.")
    | _below("deployment.alerts.")
    | {P.DEPLOYMENT_DEPLOYS_CREATE, P.DEPLOYMENT_ENV_OBJECTS_GET}
)
_DEPLOYMENT_OPERATOR: Rights = (
    _DEPLOYMENT_AUTHOR
    | _below("deployment.airflow.")
    | _below("deployment.deploys.")
    | _below("deployment.envObjects.")
    | {P.DEPLOYMENT_UPDATE, P.DEPLOYMENT_DELETE}
)
_DEPLOYMENT_ADMIN: Rights = (
    _DEPLOYMENT_OPERATOR | _below("deployment.users.") | _below("deployment.teams.")
)

_WORKSPACE_ACCESSOR: Rights = frozenset({P.WORKSPACE_GET_BASIC})
_WORKSPACE_MEMBER: Rights = (
    _WORKSPACE_ACCESSOR
    | _DEPLOYMENT_VIEWER
    | {
        P.WORKSPACE_MEMBERS_GET,
        P.WORKSPACE_DEPLOYMENTS_GET,
        P.WORKSPACE_ALERTS_GET,
        P.WORKSPACE_IDE_GET,
    }
)
_WORKSPACE_AUTHOR: Rights = (
    _WORKSPACE_MEMBER
    | _DEPLOYMENT_AUTHOR
    | _below("workspace.ide.")
    | _below("workspace.alerts.")
    | {P.WORKSPACE_ENV_OBJECTS_GET}
)
_WORKSPACE_OPERATOR: Rights = (
    _WORKSPACE_AUTHOR
    | _DEPLOYMENT_OPERATOR
    | _below("workspace.envObjects.")
    | _below("workspace.apiTokens.")
    | {P.WORKSPACE_DEPLOYMENTS_CREATE}
)
_WORKSPACE_OWNER: Rights = _WORKSPACE_OPERATOR | _below("workspace.") | _below("deployment.")

_ORGANIZATION_ACCESSOR: Rights = frozenset({P.ORGANIZATION_GET})
_ORGANIZATION_MEMBER: Rights = _ORGANIZATION_ACCESSOR | {
    P.ORGANIZATION_USERS_GET,
    P.ORGANIZATION_TEAMS_GET,
    P.ORGANIZATION_LINEAGE_GET,
    P.ORGANIZATION_CLUSTERS_GET,
}
_ORGANIZATION_BILLING_ADMIN: Rights = _ORGANIZATION_MEMBER | {
    P.ORGANIZATION_BILLING_UPDATE,
    P.ORGANIZATION_USAGE_GET,
    P.ORGANIZATION_DASHBOARDS_GET,
}

_INSTALLATION_OPERATOR: Rights = _below("installation.")

PERMISSIONS_OF: dict[Role, Rights] = {
    Role.INSTALLATION_OPERATOR: _INSTALLATION_OPERATOR,
    Role.ORGANIZATION_OWNER: frozenset(P) - _INSTALLATION_OPERATOR,
    Role.ORGANIZATION_BILLING_ADMIN: _ORGANIZATION_BILLING_ADMIN,
    Role.ORGANIZATION_MEMBER: _ORGANIZATION_MEMBER,
    Role.ORGANIZATION_ACCESSOR: _ORGANIZATION_ACCESSOR,
    Role.WORKSPACE_OWNER: _WORKSPACE_OWNER,
    Role.WORKSPACE_OPERATOR: _WORKSPACE_OPERATOR,
    Role.WORKSPACE_AUTHOR: _WORKSPACE_AUTHOR,
    Role.WORKSPACE_MEMBER: _WORKSPACE_MEMBER,
    Role.WORKSPACE_ACCESSOR: _WORKSPACE_ACCESSOR,
    Role.DEPLOYMENT_ADMIN: _DEPLOYMENT_ADMIN,
    Role.DEPLOYMENT_ACCESSOR: frozenset({P.DEPLOYMENT_GET}),
}


def rights_of(role: AnyRole) -> Rights:
    """Every right that a role holds, whoever made it."""
    return role.permissions if isinstance(role, CustomRole) else PERMISSIONS_OF[role]


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """The grantable roles that hold a right, narrowest scope and weakest role first."""
    grantable = (*DEPLOYMENT_ROLES, *reversed(WORKSPACE_ROLES), *reversed(ORGANIZATION_ROLES))
    return tuple(role for role in grantable if permission in PERMISSIONS_OF[role])
