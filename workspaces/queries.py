"""What can be asked about Workspaces; each question takes the actor who asks."""

from __future__ import annotations

from django.db.models import QuerySet

from access.actor import Actor
from access.permissions import Permission
from workspaces.models import Workspace


def workspaces(actor: Actor) -> QuerySet[Workspace]:
    return Workspace.objects.visible_to(actor, Permission.WORKSPACE_GET_BASIC).select_related(
        "organization"
    )


def workspace(actor: Actor, workspace_id: str) -> Workspace:
    """One of them. Raises NotFound for what is missing or hidden."""
    return workspaces(actor).get_visible(actor, Permission.WORKSPACE_GET_BASIC, pk=workspace_id)  # type: ignore[attr-defined, no-any-return]
