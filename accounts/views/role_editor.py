"""Putting a role together and changing it: nothing is saved before its effects were shown."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from access.permissions import Permission
from access.policy import require
from access.roles import Rights
from accounts import queries, role_forms, role_holders, role_queries
from accounts.models import CustomRole, Organization
from accounts.role_forms import CustomRoleForm, fingerprint, is_picking
from accounts.routes import PageRequest
from accounts.services import custom_roles as services
from accounts.views.roles import SHOWN, enter
from web import forms, render
from web.navigation import Crumb

_EDITED = ("name", "description", "permissions", "restricted_workspace_ids")


def create(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_CUSTOM_ROLES_CREATE, organization)
    found = role_forms.starts(_own(request, organization))
    if request.method == "POST" and not is_picking(request):
        form = CustomRoleForm(request.POST)
        made = forms.submit(form, lambda values: _create(request, organization, values))
        if made is not None:
            messages.success(request, f"The role {made.name} was created.")
            return redirect("accounts:role", organization.pk, made.pk)
    else:
        form = CustomRoleForm(initial=role_forms.typed(request, found) if request.POST else {})
    enter(request, organization, Crumb("Create role", request.path))
    return _page(request, organization, form, starts=found)


def edit(request: PageRequest, organization_id: str, role_id: str) -> HttpResponse:
    """First what a change would do to whom, then the change; a stale form shows both versions."""
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_CUSTOM_ROLES_UPDATE, organization)
    found = role_queries.custom_role(request.actor, organization, role_id)
    enter(request, organization, Crumb(found.name, request.path))
    if request.method != "POST":
        initial = {name: getattr(found, name) for name in (*_EDITED, "version")}
        return _page(request, organization, CustomRoleForm(initial=initial), role=found)
    if is_picking(request):
        values = role_forms.typed(request, ()) | {"scope_type": found.scope_type}
        return _page(request, organization, CustomRoleForm(initial=values), role=found)
    form = CustomRoleForm({**request.POST.dict(), "scope_type": found.scope_type} | _lists(request))
    if form.is_valid() and request.POST.get("save") != fingerprint(form.cleaned_data):
        return _review(request, organization, form, found)
    try:
        saved = forms.submit(form, lambda values: _update(request, found, values))
    except _Stale as stale:
        return _conflict(request, organization, form, stale.current)
    if saved is not None:
        messages.success(request, f"The role {saved.name} was changed.")
        return redirect("accounts:role", organization.pk, saved.pk)
    return _page(request, organization, form, role=found)


class _Stale(Exception):
    """Carries a RoleChanged past the form, which would make a line of text of it."""

    def __init__(self, current: CustomRole) -> None:
        super().__init__()
        self.current = current


def _create(request: PageRequest, organization: Organization, values: dict[str, Any]) -> CustomRole:
    values = {name: value for name, value in values.items() if name != "version"}
    return services.create_custom_role(organization, **values, actor=request.actor)


def _update(request: PageRequest, role: CustomRole, values: dict[str, Any]) -> CustomRole:
    edited = {name: values[name] for name in _EDITED}
    version = values["version"] or 0
    try:
        return services.update_custom_role(role, version=version, **edited, actor=request.actor)
    except services.RoleChanged as changed:
        raise _Stale(changed.current) from None


def _review(
    request: PageRequest, organization: Organization, form: CustomRoleForm, role: CustomRole
) -> HttpResponse:
    values = form.cleaned_data
    proposed = _as_granted(role, values["permissions"])
    holders = role_holders.holders(role, actor=request.actor, most=SHOWN)
    context: dict[str, Any] = {
        "reviewed": fingerprint(values),
        "gained": sorted(proposed - role.as_granted().permissions),
        "lost": sorted(role.as_granted().permissions - proposed),
        "effects": role_holders.effects(role, proposed, of=holders),
        "hidden": holders.hidden,
        "held": role_holders.counts([role])[role.pk],
        "shown": SHOWN,
    }
    return _page(request, organization, form, role=role, **context)


def _conflict(
    request: PageRequest, organization: Organization, form: CustomRoleForm, current: CustomRole
) -> HttpResponse:
    """Both versions side by side; the form keeps what was typed and now knows of the other."""
    mine = form.cleaned_data
    form.data = {**form.data, "version": current.version}
    theirs_only = sorted(set(current.permissions) - set(mine["permissions"]))
    mine_only = sorted(set(mine["permissions"]) - set(current.permissions))
    context: dict[str, Any] = {
        "current": current,
        "theirs_only": theirs_only,
        "mine_only": mine_only,
        "mine": mine,
    }
    return _page(request, organization, form, role=current, status=409, **context)


def _page(
    request: PageRequest,
    organization: Organization,
    form: CustomRoleForm,
    *,
    role: CustomRole | None = None,
    status: int = 0,
    **more: Any,
) -> HttpResponse:
    words = request.POST.get("q", "")
    scope = role.scope_type if role else (form["scope_type"].value() or "DEPLOYMENT")
    ticked = form["permissions"].value() or ()
    chosen = set(form["restricted_workspace_ids"].value() or ())
    is_below = scope != "ORGANIZATION"
    known = role_holders.workspaces(organization, request.actor) if is_below else []
    shelves = role_forms.picker(scope, ticked, words)
    context = {
        "organization": organization,
        "role": role,
        "form": form,
        "shelves": shelves,
        "has_matches": not all(shelf.is_hidden for shelf in shelves),
        "ticked": len(set(ticked)),
        "words": words,
        "start_from": request.POST.get("start_from", ""),
        "workspaces": [(key, name, key in chosen) for key, name in known],
        "hidden_workspaces": len(role_holders.hidden_workspaces(role, request.actor))
        if role
        else 0,
        **more,
    }
    return render.page(
        request,
        "accounts/roles/edit.html",
        context,
        regions={"permissions"},
        status=status or forms.status(form),
    )


def _as_granted(role: CustomRole, permissions: list[str]) -> Rights:
    """What the role would be worth with other permissions."""
    other = CustomRole(scope_type=role.scope_type, name=role.name, permissions=permissions)
    return other.as_granted().permissions


def _lists(request: PageRequest) -> dict[str, list[str]]:
    return {
        name: request.POST.getlist(name) for name in ("permissions", "restricted_workspace_ids")
    }


def _own(request: PageRequest, organization: Organization) -> list[CustomRole]:
    if not request.actor.can(Permission.ORGANIZATION_CUSTOM_ROLES_GET, organization):
        return []
    return list(role_queries.custom_roles(request.actor, organization))
