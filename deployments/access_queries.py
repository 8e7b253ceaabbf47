"""Who may use a Deployment, and through which grant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from access.permissions import Permission
from access.roles import PERMISSIONS_OF, Role
from accounts.models import OrganizationRoleBinding, RoleBinding
from accounts.models.bindings import lasting
from deployments.models import Deployment, DeploymentRoleBinding
from web.errors import NotFound
from workspaces.models import WorkspaceRoleBinding

MOST = 200
"""Grants of each scope that are listed."""
_OPENING = (
    Q(role__in=[role for role in Role if Permission.DEPLOYMENT_GET in PERMISSIONS_OF[role]])
    | Q(custom_role__permissions__contains=[Permission.DEPLOYMENT_GET.value])
    | Q(custom_role__scope_type="DEPLOYMENT")
)


@dataclass(frozen=True)
class Access:
    """One grant of a person or a Team that lets them see this Deployment."""

    binding: RoleBinding
    scope: str

    @property
    def is_own(self) -> bool:
        """Whether it was given here, and can be changed here."""
        return isinstance(self.binding, DeploymentRoleBinding)


def holders(deployment: Deployment) -> list[Access]:
    """People and Teams with a role that opens the Deployment, narrowest scope first.

    At most `MOST` of each scope. Three queries.
    """
    return [
        *_of(DeploymentRoleBinding, "Deployment", deployment_id=deployment.pk),
        *_of(WorkspaceRoleBinding, "Workspace", workspace_id=deployment.workspace_id),
        *_of(OrganizationRoleBinding, "Organization", organization_id=deployment.organization_id),
    ]


def person(deployment: Deployment, user_id: str) -> DeploymentRoleBinding:
    """The own role of a person here. Raises NotFound for who has none."""
    return _own(deployment, user_id=user_id)


def team(deployment: Deployment, team_id: str) -> DeploymentRoleBinding:
    """The own role of a Team here. Raises NotFound for one that has none."""
    return _own(deployment, team_id=team_id)


def _own(deployment: Deployment, **who: str) -> DeploymentRoleBinding:
    rows = DeploymentRoleBinding.objects.filter(deployment=deployment, **who)
    found = rows.select_related("user", "team", "custom_role", "deployment__workspace").first()
    if found is None:
        raise NotFound("Nobody with a role of their own here.", remedy="Go back to the list.")
    return found


def _of(model: type[RoleBinding], scope: str, **where: str) -> Iterator[Access]:
    rows = model._default_manager.filter(_OPENING, lasting(), api_token=None, **where)
    ordered = rows.select_related("user", "team", "custom_role").order_by(
        "user__email", "team__name"
    )
    for row in ordered[:MOST]:
        yield Access(row, scope)
