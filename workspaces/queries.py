"""What can be asked about Workspaces; each question takes the actor who asks."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import Organization
from web.errors import NotFound
from web.prepared import Prepared
from workspaces.models import Workspace, WorkspaceRoleBinding

_by_id = Prepared(
    lambda pk: Workspace.objects.filter(pk=pk).select_related("organization").order_by()
)


def workspaces(actor: Actor) -> QuerySet[Workspace]:
    return Workspace.objects.visible_to(actor, Permission.WORKSPACE_GET_BASIC).select_related(
        "organization"
    )


def listed(actor: Actor, organization: Organization) -> QuerySet[Workspace]:
    """Those of an Organization, with how many Deployments and members each has."""
    return (
        workspaces(actor)
        .filter(organization=organization)
        .annotate(
            deployment_count=_counted("deployments", without={"status": "DELETED"}),
            member_count=_counted("bindings", without={"user": None}),
        )
    )


def workspace(actor: Actor, workspace_id: str) -> Workspace:
    """One of them. Raises NotFound for what is missing or hidden."""
    row = _by_id.first(workspace_id)
    return Workspace.objects.shown(row, actor, Permission.WORKSPACE_GET_BASIC, pk=workspace_id)


def members(actor: Actor, workspace: Workspace) -> QuerySet[WorkspaceRoleBinding]:
    """The people with a role in a Workspace. Raises PermissionDenied."""
    require(actor, Permission.WORKSPACE_MEMBERS_GET, workspace)
    return WorkspaceRoleBinding.objects.filter(
        workspace=workspace, user__isnull=False
    ).select_related("user", "workspace", "custom_role")


def member(actor: Actor, workspace: Workspace, user_id: str) -> WorkspaceRoleBinding:
    """One of them. Raises NotFound for people without a role here."""
    found = members(actor, workspace).filter(user_id=user_id).first()
    if found is None:
        raise NotFound("This person has no role in this Workspace.")
    return found


def teams(actor: Actor, workspace: Workspace) -> QuerySet[WorkspaceRoleBinding]:
    """The Teams with a role in a Workspace. Raises PermissionDenied."""
    require(actor, Permission.WORKSPACE_MEMBERS_GET, workspace)
    return WorkspaceRoleBinding.objects.filter(
        workspace=workspace, team__isnull=False
    ).select_related("team", "workspace", "custom_role")


def team(actor: Actor, workspace: Workspace, team_id: str) -> WorkspaceRoleBinding:
    """One of them. Raises NotFound for Teams without a role here."""
    found = teams(actor, workspace).filter(team_id=team_id).first()
    if found is None:
        raise NotFound("This Team has no role in this Workspace.")
    return found


def _counted(relation: str, *, without: dict[str, Any]) -> Coalesce:
    """How many rows of a relation point to each Workspace, as a subquery of its own."""
    model: Any = Workspace._meta.get_field(relation).related_model
    rows = model._base_manager.filter(workspace=OuterRef("pk")).exclude(**without)
    counted = rows.order_by().values("workspace").annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted), 0)
