"""Who may use a Deployment, and through which grant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from access.permissions import Permission
from access.roles import PERMISSIONS_OF, Role
from accounts.models import ApiToken, OrganizationRoleBinding, RoleBinding, User
from deployments.models import Deployment, DeploymentRoleBinding
from workspaces.models import WorkspaceRoleBinding

_OPENING = [role for role in Role if Permission.DEPLOYMENT_GET in PERMISSIONS_OF[role]]


@dataclass(frozen=True)
class Access:
    """One grant that lets a person see this Deployment."""

    user: User
    role: str
    scope: str
    since: datetime


def people(deployment: Deployment) -> list[Access]:
    """Everybody with a role that opens the Deployment, narrowest scope first. Three queries."""
    return [
        *_of(DeploymentRoleBinding, "Deployment", deployment_id=deployment.pk),
        *_of(WorkspaceRoleBinding, "Workspace", workspace_id=deployment.workspace_id),
        *_of(OrganizationRoleBinding, "Organization", organization_id=deployment.organization_id),
    ]


def roles_of(tokens: list[ApiToken]) -> dict[str, str]:
    """The role of each token on its Deployment, by token id."""
    found = DeploymentRoleBinding.objects.filter(api_token__in=tokens)
    return {
        token_id: Role(role).label for token_id, role in found.values_list("api_token_id", "role")
    }


def _of(model: type[RoleBinding], scope: str, **where: str) -> Iterator[Access]:
    rows = model._default_manager.filter(user__isnull=False, role__in=_OPENING, **where)
    for row in rows.select_related("user").order_by("user__email"):
        if row.user is not None:
            yield Access(row.user, Role(row.role).label, scope, row.created_at)
