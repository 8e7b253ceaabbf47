"""What Workspaces put into the frame of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse

from access.permissions import Permission
from accounts.models import Organization
from web import navigation
from web.navigation import Crumb, Entry
from workspaces.models import Workspace


def crumb(workspace: Workspace) -> Crumb:
    """The Workspace in a breadcrumb: a link with a switcher."""
    switcher = reverse("workspaces:switcher", args=[workspace.organization_id])
    return Crumb(workspace.name, reverse("workspaces:detail", args=[workspace.pk]), switcher)


def enter(request: HttpRequest, workspace: Workspace, *crumbs: Crumb) -> None:
    """Say that the page belongs to a Workspace."""
    navigation.enter(
        request, scope="workspace", subject=workspace, crumbs=(crumb(workspace), *crumbs)
    )


@navigation.contributes("organization", order=30)
def _workspaces(request: HttpRequest, organization: Organization) -> Iterator[Entry]:
    url = reverse("workspaces:list", args=[organization.pk])
    yield Entry("Workspaces", url, "stack-2", is_current=request.path.startswith(url))


@navigation.contributes("workspace", order=80)
def _rooms(request: HttpRequest, workspace: Workspace) -> Iterator[Entry]:
    allowed = cast("Any", request).actor.permissions_on(workspace)
    for label, route, icon, permission in (
        ("Members", "members", "users", Permission.WORKSPACE_MEMBERS_GET),
        ("API tokens", "tokens", "key", Permission.WORKSPACE_API_TOKENS_GET),
        ("Rights", "rights", "shield-check", Permission.WORKSPACE_GET_BASIC),
        ("Settings", "settings", "settings", Permission.WORKSPACE_GET_BASIC),
    ):
        if permission in allowed:
            url = reverse(f"workspaces:{route}", args=[workspace.pk])
            is_teams = route == "members" and "/teams/" in request.path
            yield Entry(label, url, icon, is_current=is_teams or request.path.startswith(url))
