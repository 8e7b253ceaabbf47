"""What this room adds to the frame of every page: sidebar, and the operations tray."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.http import HttpRequest
from django.urls import reverse

from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization
from deployments import queries
from web import navigation
from web.navigation import Entry, Frame, Tray
from workspaces.models import Workspace


@navigation.contributes("organization", order=20)
def _of_organization(request: HttpRequest, organization: Organization) -> Iterator[Entry]:
    url = reverse("deployments:list", args=[organization.pk])
    yield Entry("Deployments", url, icon="rocket")


@navigation.contributes("workspace", order=20)
def _of_workspace(request: HttpRequest, workspace: Workspace) -> Iterator[Entry]:
    actor = request.actor  # type: ignore[attr-defined]
    url = reverse("deployments:workspace_list", args=[workspace.pk])
    is_inside = request.path.startswith("/deployments/")
    if is_inside or actor.can(Permission.WORKSPACE_DEPLOYMENTS_GET, workspace):
        yield Entry("Deployments", url, icon="rocket", is_current=is_inside)


@navigation.completes
def _tray(request: HttpRequest, frame: Frame) -> Frame:
    actor = getattr(request, "actor", None)
    if actor is None or not request.user.is_authenticated:
        return frame
    return replace(frame, tray=tray_of(actor))


def tray_of(actor: Actor) -> Tray:
    """How many operations of this person still run, and where they are."""
    return Tray(
        url=reverse("deployments:operations"),
        running=queries.own_running_operations(actor),
        badge_url=reverse("deployments:tray_badge"),
    )
