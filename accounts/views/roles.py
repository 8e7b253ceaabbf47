"""The roles of an Organization: those of the table, and those that it made."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from access.roles import DEPLOYMENT_ROLES, ORGANIZATION_ROLES, PERMISSIONS_OF, WORKSPACE_ROLES, Role
from accounts import navigation, queries, role_catalogue, role_holders, role_queries
from accounts.models import CustomRole, Organization
from accounts.role_forms import DeleteRoleForm
from accounts.routes import PageRequest
from accounts.services import custom_roles as services
from web import forms, render
from web.errors import NotFound
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb

LIST = ListSpec(
    sorts={"name": "name", "changed": "updated_at"},
    default_sort="name",
    search_fields=("name", "description"),
    filters=(Filter("scope", "Given on", dict(CustomRole.ScopeType.choices), "scope_type"),),
)
SHOWN = 50
"""Holders that a page names."""

_DEFAULT = (*ORGANIZATION_ROLES, *WORKSPACE_ROLES, *DEPLOYMENT_ROLES)


def roles(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    actor = request.actor
    query = ListQuery(request, LIST)
    page = None
    if actor.can(Permission.ORGANIZATION_CUSTOM_ROLES_GET, organization):
        page = query.page(role_queries.custom_roles(actor, organization))
    held = role_holders.counts(page.rows if page else ())
    context = {
        "organization": organization,
        "query": query,
        "page": page,
        "rows": [(role, held[role.pk]) for role in page.rows] if page else [],
        "defaults": [(role, _scope(role), len(PERMISSIONS_OF[role])) for role in _DEFAULT],
        "refused": refusal(
            request.actor, Permission.ORGANIZATION_CUSTOM_ROLES_CREATE, organization
        ),
    }
    navigation.enter(request, organization, Crumb("Roles", request.path))
    return render.page(request, "accounts/roles/list.html", context, regions={"rows"})


def default_role(request: PageRequest, organization_id: str, name: str) -> HttpResponse:
    """What a role of the table holds."""
    organization = queries.organization(request.actor, organization_id)
    if name not in _DEFAULT:
        raise NotFound("There is no such role.", remedy="Look at the list of roles.")
    role = Role(name)
    title = f"{_scope(role)} {role.label}"
    enter(request, organization, Crumb(title, request.path))
    context = {
        "organization": organization,
        "title": title,
        "groups": role_catalogue.groups(PERMISSIONS_OF[role]),
    }
    return render.page(request, "accounts/roles/default.html", context)


def role(request: PageRequest, organization_id: str, role_id: str) -> HttpResponse:
    """One that the Organization made: its rights, and who has it."""
    organization = queries.organization(request.actor, organization_id)
    found = role_queries.custom_role(request.actor, organization, role_id)
    actor = request.actor
    names = dict(role_holders.workspaces(organization, actor))
    hidden = set(role_holders.hidden_workspaces(found, actor))
    restricted = [each for each in found.restricted_workspace_ids if each not in hidden]
    enter(request, organization, Crumb(found.name, request.path))
    context = {
        "organization": organization,
        "role": found,
        "groups": role_catalogue.groups(found.as_granted().permissions),
        "holders": role_holders.holders(found, actor=actor, most=SHOWN),
        "held": role_holders.counts([found])[found.pk],
        "workspaces": [names.get(each, each) for each in restricted],
        "hidden_workspaces": len(hidden),
        "refused": refusal(actor, Permission.ORGANIZATION_CUSTOM_ROLES_UPDATE, organization),
        "refused_removal": refusal(
            actor, Permission.ORGANIZATION_CUSTOM_ROLES_DELETE, organization
        ),
    }
    return render.page(request, "accounts/roles/role.html", context)


def delete(request: PageRequest, organization_id: str, role_id: str) -> HttpResponse:
    """Remove a role after its name was typed; from everybody too, where that was ticked."""
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_CUSTOM_ROLES_DELETE, organization)
    found = role_queries.custom_role(request.actor, organization, role_id)
    form = DeleteRoleForm(request.POST or None)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.delete_custom_role(
            found,
            typed_name=values["confirmation"],
            removes_grants=values["removes_grants"],
            actor=request.actor,
        ),
    ):
        messages.success(request, f"The role {found.name} was deleted.")
        return redirect("accounts:roles", organization.pk)
    enter(request, organization, Crumb(found.name, request.path))
    context = {
        "organization": organization,
        "role": found,
        "form": form,
        "holders": role_holders.holders(found, actor=request.actor, most=SHOWN),
        "held": role_holders.counts([found])[found.pk],
    }
    return render.page(request, "accounts/roles/delete.html", context, status=forms.status(form))


def enter(request: PageRequest, organization: Organization, crumb: Crumb) -> None:
    """Say that the page lies below the list of roles."""
    up = Crumb("Roles", reverse("accounts:roles", args=[organization.pk]))
    navigation.enter(request, organization, up, crumb)


def _scope(role: Role) -> str:
    return role.value.partition("_")[0].title()
