"""Members of a Workspace: list, add, role, removal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from access.roles import WORKSPACE_ROLES, Role
from accounts.forms import role_choices
from accounts.grant_forms import GrantForm
from accounts.models import Invitation
from accounts.role_choices import choices
from accounts.routes import PageRequest
from accounts.views.invitations import made
from web import forms, render
from web.errors import InvalidInput
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb, Entry
from workspaces import navigation, queries, services
from workspaces.forms import MemberForm
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services.members import organization_member

LIST = ListSpec(
    sorts={"name": "user__full_name", "email": "user__email", "joined": "created_at"},
    default_sort="email",
    search_fields=("user__full_name", "user__email"),
    filters=(Filter("role", "Role", dict(role_choices(WORKSPACE_ROLES))),),
)


def members(request: PageRequest, workspace_id: str) -> HttpResponse:
    workspace = queries.workspace(request.actor, workspace_id)
    query = ListQuery(request, LIST)
    context = {
        "workspace": workspace,
        "query": query,
        "page": query.page(queries.members(request.actor, workspace)),
        "tabs": tabs(request, workspace),
        "refused": refusal(request.actor, Permission.WORKSPACE_ROLES_UPDATE, workspace),
    }
    navigation.enter(request, workspace, Crumb("Members", request.path))
    return render.page(request, "workspaces/members.html", context, regions={"rows"})


def tabs(request: PageRequest, workspace: Workspace) -> tuple[Entry, ...]:
    """People and Teams: whoever may see the one may see the other."""
    found = (("People", "members"), ("Teams", "teams"))
    urls = [(label, reverse(f"workspaces:{route}", args=[workspace.pk])) for label, route in found]
    return tuple(Entry(label, url, is_current=url == request.path) for label, url in urls)


def add(request: PageRequest, workspace_id: str) -> HttpResponse:
    """Add somebody of the Organization, or invite an address to both."""
    workspace = queries.workspace(request.actor, workspace_id)
    require(request.actor, Permission.WORKSPACE_ROLES_UPDATE, workspace)
    form = MemberForm(
        request.POST or None,
        options=choices(request.actor, workspace),
        role=Role.WORKSPACE_MEMBER,
        initial={"email": request.GET.get("email", "")},
    )
    if request.method == "POST":
        added = forms.submit(form, lambda _: _add(request, workspace, form))
        if isinstance(added, Invitation):
            return made(request, added)
        if added:
            messages.success(request, f"{added.user} is a member of {workspace} now.")
            return redirect("workspaces:members", workspace.pk)
    people = Crumb("Members", reverse("workspaces:members", args=[workspace.pk]))
    navigation.enter(request, workspace, people, Crumb("Add", request.path))
    context = {"workspace": workspace, "form": form}
    return render.page(request, "workspaces/member_add.html", context, status=forms.status(form))


def member(request: PageRequest, workspace_id: str, user_id: str) -> HttpResponse:
    """One member: the role, and removal."""
    workspace = queries.workspace(request.actor, workspace_id)
    found = queries.member(request.actor, workspace, user_id)
    form = GrantForm(request.POST or None, options=choices(request.actor, workspace), binding=found)
    if request.method == "POST" and forms.accepted(
        form,
        lambda _: services.change_member_role(found, **form.change(workspace), actor=request.actor),
    ):
        messages.success(request, f"{found.user} has another role now.")
        return redirect("workspaces:members", workspace.pk)
    people = Crumb("Members", reverse("workspaces:members", args=[workspace.pk]))
    navigation.enter(request, workspace, people, Crumb(str(found.user), request.path))
    context = {
        "workspace": workspace,
        "member": found,
        "form": form,
        "refused": refusal(request.actor, Permission.WORKSPACE_ROLES_UPDATE, workspace),
    }
    return render.page(request, "workspaces/member.html", context, status=forms.status(form))


def remove(request: PageRequest, workspace_id: str, user_id: str) -> HttpResponse:
    workspace = queries.workspace(request.actor, workspace_id)
    found = queries.member(request.actor, workspace, user_id)
    services.remove_member(found, actor=request.actor)
    messages.success(request, f"{found.user} was removed from {workspace}.")
    if request.actor.principal.id == user_id:
        return redirect("/")
    return redirect("workspaces:members", workspace.pk)


def _add(
    request: PageRequest, workspace: Workspace, form: MemberForm
) -> WorkspaceRoleBinding | Invitation:
    email, grant = form.cleaned_data["email"], form.grant(workspace)
    if organization_member(workspace, email) is not None:
        return services.add_member(workspace, email=email, **grant, actor=request.actor)
    return services.invite(workspace, email=email, role=_lasting(grant), actor=request.actor)


def _lasting(grant: dict[str, Any]) -> Role:
    """What an invitation can carry: a built-in role without an end."""
    role = grant["role"]
    if not isinstance(role, Role):
        words = "Somebody who is not in the Organization yet gets a built-in role first"
        raise InvalidInput(f"{words}.", fields={"role": words})
    if grant["until"]:
        words = "An end can be set once the person has joined"
        raise InvalidInput(f"{words}.", fields={"until": words})
    return role
