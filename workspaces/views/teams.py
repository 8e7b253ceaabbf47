"""Teams in a Workspace: list, add, role, removal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from access.roles import WORKSPACE_ROLES, Role
from accounts import queries as accounts
from accounts.forms import role_choices
from accounts.grant_forms import GrantForm
from accounts.role_choices import choices
from accounts.routes import PageRequest
from accounts.team_forms import TeamGrantForm
from web import forms, render
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb
from workspaces import navigation, queries
from workspaces.models import Workspace
from workspaces.services import teams as services
from workspaces.views.members import tabs

LIST = ListSpec(
    sorts={"name": "team__name", "added": "created_at"},
    default_sort="name",
    search_fields=("team__name", "team__description"),
    filters=(Filter("role", "Role", dict(role_choices(WORKSPACE_ROLES))),),
)


def teams(request: PageRequest, workspace_id: str) -> HttpResponse:
    workspace = queries.workspace(request.actor, workspace_id)
    query = ListQuery(request, LIST)
    context = {
        "workspace": workspace,
        "query": query,
        "page": query.page(queries.teams(request.actor, workspace)),
        "tabs": tabs(request, workspace),
        "refused": refusal(request.actor, Permission.WORKSPACE_TEAMS_ASSIGN, workspace),
    }
    navigation.enter(request, workspace, Crumb("Teams", request.path))
    return render.page(request, "workspaces/teams.html", context, regions={"rows"})


def add(request: PageRequest, workspace_id: str) -> HttpResponse:
    workspace = queries.workspace(request.actor, workspace_id)
    require(request.actor, Permission.WORKSPACE_TEAMS_ASSIGN, workspace)
    form = TeamGrantForm(
        request.POST or None,
        options=choices(request.actor, workspace),
        role=Role.WORKSPACE_MEMBER,
    )
    if request.method == "POST":
        made = forms.submit(
            form,
            lambda values: services.add_team(
                workspace, name=values["team"], **form.grant(workspace), actor=request.actor
            ),
        )
        if made:
            messages.success(request, f"{made.team} has a role in {workspace} now.")
            return redirect("workspaces:teams", workspace.pk)
    navigation.enter(request, workspace, _crumb(workspace), Crumb("Add", request.path))
    context = {
        "workspace": workspace,
        "form": form,
        "team_names": accounts.team_names(request.actor, workspace.organization),
    }
    return render.page(request, "workspaces/team_add.html", context, status=forms.status(form))


def team(request: PageRequest, workspace_id: str, team_id: str) -> HttpResponse:
    """One Team: its role here, and removal."""
    workspace = queries.workspace(request.actor, workspace_id)
    found = queries.team(request.actor, workspace, team_id)
    form = GrantForm(request.POST or None, options=choices(request.actor, workspace), binding=found)
    if request.method == "POST" and forms.accepted(
        form,
        lambda _: services.change_team_role(found, **form.change(workspace), actor=request.actor),
    ):
        messages.success(request, f"{found.team} has another role now.")
        return redirect("workspaces:teams", workspace.pk)
    navigation.enter(request, workspace, _crumb(workspace), Crumb(str(found.team), request.path))
    context = {
        "workspace": workspace,
        "grant": found,
        "form": form,
        "refused": refusal(request.actor, Permission.WORKSPACE_TEAMS_ASSIGN, workspace),
        "refused_removal": refusal(request.actor, Permission.WORKSPACE_TEAMS_REMOVE, workspace),
    }
    return render.page(request, "workspaces/team.html", context, status=forms.status(form))


def remove(request: PageRequest, workspace_id: str, team_id: str) -> HttpResponse:
    workspace = queries.workspace(request.actor, workspace_id)
    found = queries.team(request.actor, workspace, team_id)
    services.remove_team(found, actor=request.actor)
    messages.success(request, f"{found.team} was removed from {workspace}.")
    return redirect("workspaces:teams", workspace.pk)


def _crumb(workspace: Workspace) -> Crumb:
    return Crumb("Teams", reverse("workspaces:teams", args=[workspace.pk]))
