"""What can be asked about Workspaces; each question takes the actor who asks."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, When
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
    """Those of an Organization, with how many Deployments of each `actor` may see, and how many
    members it has; None where they may not list its members."""
    deployments = _related("deployments").visible_to(actor, Permission.DEPLOYMENT_GET)
    lists = Workspace.objects.visible_to(actor, Permission.WORKSPACE_MEMBERS_GET).order_by()
    people = _related("bindings").exclude(user=None)
    return (
        workspaces(actor)
        .filter(organization=organization)
        .annotate(
            deployment_count=_counted(deployments.exclude(status="DELETED")),
            member_count=Case(
                When(pk__in=lists.values("pk"), then=_counted(people)),
                default=None,
                output_field=IntegerField(null=True),
            ),
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


def _related(relation: str) -> Any:
    """What points to Workspaces; this room does not know those above it."""
    model: Any = Workspace._meta.get_field(relation).related_model
    return model._default_manager.all()


def _counted(rows: Any) -> Coalesce:
    """How many of the rows point to each Workspace, as a subquery of its own."""
    own = rows.filter(workspace=OuterRef("pk"))
    counted = own.order_by().values("workspace").annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted), 0)
