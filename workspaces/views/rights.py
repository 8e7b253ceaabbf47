"""Effective access in a Workspace."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from access.permissions import Permission
from accounts.routes import PageRequest
from accounts.views import rights
from web import render
from web.navigation import Crumb
from workspaces import navigation, queries
from workspaces.models import Workspace


def may(request: PageRequest, workspace_id: str) -> HttpResponse:
    """What the reader, or somebody else, may do here, and why."""
    workspace = queries.workspace(request.actor, workspace_id)
    context = {
        "workspace": workspace,
        "place_name": workspace.name,
        "who_url": reverse("workspaces:rights_who", args=[workspace.pk]),
        "part": "accounts/rights_may.html",
        **rights.may(request, _place(workspace)),
    }
    navigation.enter(request, workspace, Crumb("Rights", request.path))
    return render.page(request, "workspaces/rights.html", context)


def who(request: PageRequest, workspace_id: str) -> HttpResponse:
    """Who can do one thing here, and why."""
    workspace = queries.workspace(request.actor, workspace_id)
    may_url = reverse("workspaces:rights", args=[workspace.pk])
    context = {
        "workspace": workspace,
        "may_url": may_url,
        "part": "accounts/rights_who.html",
        **rights.who(request, _place(workspace)),
    }
    navigation.enter(request, workspace, Crumb("Rights", may_url), Crumb("Who", request.path))
    return render.page(request, "workspaces/rights.html", context)


def _place(workspace: Workspace) -> rights.Place:
    return rights.Place(
        workspace,
        workspace.organization,
        ("workspace.", "deployment."),
        entrance=Permission.WORKSPACE_GET_BASIC,
        sees_people=Permission.WORKSPACE_MEMBERS_GET,
        sees_tokens=Permission.WORKSPACE_API_TOKENS_GET,
    )
