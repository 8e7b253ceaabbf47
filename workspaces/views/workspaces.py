"""Workspaces: list, new, settings, deletion, switcher."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_fragment
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from accounts import navigation as organization_place
from accounts import queries as accounts
from accounts.forms import ConfirmForm
from accounts.routes import PageRequest
from web import forms, render, stale
from web.lists import ListQuery, ListSpec
from web.navigation import Crumb
from workspaces import navigation, queries, services
from workspaces.forms import WorkspaceForm

LIST = ListSpec(
    sorts={"name": "name", "created": "created_at", "deployments": "deployment_count"},
    default_sort="name",
    search_fields=("name", "description"),
)
_MOST_OPTIONS = 20
_FIELDS = tuple(WorkspaceForm.base_fields)


def index(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = accounts.organization(request.actor, organization_id)
    query = ListQuery(request, LIST)
    context = {
        "organization": organization,
        "query": query,
        "page": query.page(queries.listed(request.actor, organization)),
        "refused": refusal(request.actor, Permission.ORGANIZATION_WORKSPACES_CREATE, organization),
    }
    organization_place.enter(request, organization, Crumb("Workspaces", request.path))
    return render.page(request, "workspaces/list.html", context, regions={"rows"})


def create(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = accounts.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_WORKSPACES_CREATE, organization)
    form = WorkspaceForm(request.POST or None)
    form.fields.pop("enforces_ci_cd")
    if request.method == "POST":
        made = forms.submit(
            form, lambda values: services.create(organization, **values, actor=request.actor)
        )
        if made:
            messages.success(request, f"{made} is ready for its first Deployment.")
            return redirect("workspaces:detail", made.pk)
    listed = Crumb("Workspaces", reverse("workspaces:list", args=[organization.pk]))
    organization_place.enter(request, organization, listed, Crumb("New", request.path))
    context = {"organization": organization, "form": form}
    return render.page(request, "workspaces/create.html", context, status=forms.status(form))


def detail(request: PageRequest, workspace_id: str) -> HttpResponse:
    """The Workspace is the list of its Deployments; where those are hidden, its settings."""
    workspace = queries.workspace(request.actor, workspace_id)
    is_open = request.actor.can(Permission.WORKSPACE_DEPLOYMENTS_GET, workspace)
    return redirect(
        "deployments:workspace_list" if is_open else "workspaces:settings", workspace.pk
    )


def settings(request: PageRequest, workspace_id: str) -> HttpResponse:
    workspace = queries.workspace(request.actor, workspace_id)
    refused = refusal(request.actor, Permission.WORKSPACE_UPDATE, workspace)
    initial = {name: getattr(workspace, name) for name in _FIELDS}
    form = WorkspaceForm(request.POST or None, initial=initial)
    stale.watch(form, workspace, _FIELDS, is_locked=bool(refused))
    if request.method == "POST" and forms.accepted(
        form, lambda values: services.update(workspace, **values, actor=request.actor)
    ):
        messages.success(request, "The Workspace was changed.")
        return redirect(request.path)
    stale.draw_anew(form, workspace, _FIELDS)
    navigation.enter(request, workspace, Crumb("Settings", request.path))
    context = {
        "workspace": workspace,
        "form": form,
        "refused": refused,
        "refused_delete": refusal(request.actor, Permission.WORKSPACE_DELETE, workspace),
    }
    return render.page(request, "workspaces/settings.html", context, status=forms.status(form))


def delete(request: PageRequest, workspace_id: str) -> HttpResponse:
    """Delete an empty Workspace after its name was typed."""
    workspace = queries.workspace(request.actor, workspace_id)
    require(request.actor, Permission.WORKSPACE_DELETE, workspace)
    form = ConfirmForm(request.POST or None)

    def go(values: dict[str, str]) -> None:
        services.delete(workspace, typed_name=values["confirmation"], actor=request.actor)

    if request.method == "POST" and forms.accepted(form, go):
        messages.success(request, f"{workspace.name} was deleted.")
        return redirect("workspaces:list", workspace.organization_id)
    navigation.enter(request, workspace, Crumb("Delete", request.path))
    context = {"workspace": workspace, "form": form}
    return render.page(request, "workspaces/delete.html", context, status=forms.status(form))


def switcher(request: PageRequest, organization_id: str) -> HttpResponse:
    """The Workspaces of an Organization, for the menu in the breadcrumb."""
    search = request.GET.get("q", "").replace("\x00", "")
    organization = accounts.organization(request.actor, organization_id)
    found = queries.workspaces(request.actor).filter(
        organization=organization, name__icontains=search
    )
    options = [
        (each.name, reverse("workspaces:detail", args=[each.pk])) for each in found[:_MOST_OPTIONS]
    ]
    return render_fragment(request, "accounts/switcher.html", {"options": options})
