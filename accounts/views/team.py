"""One Team: its people, its roles everywhere, its name, and its end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from access.roles import Role
from accounts import holdings, navigation, queries
from accounts.forms import ConfirmForm
from accounts.grant_forms import GrantForm
from accounts.models import Team
from accounts.role_choices import choices
from accounts.routes import PageRequest
from accounts.services import teams as services
from accounts.team_forms import TeamForm, TeamMembersForm
from accounts.views.teams import SCIM_IS_ON, list_crumb
from web import forms, render
from web.errors import NotFound
from web.lists import ListQuery, ListSpec
from web.navigation import Crumb

LIST = ListSpec(
    sorts={"name": "user__full_name", "email": "user__email", "joined": "created_at"},
    default_sort="email",
    search_fields=("user__full_name", "user__email"),
)
_MANAGED = "The identity provider says who is in this Team. Change its group there."


def team(request: PageRequest, organization_id: str, team_id: str) -> HttpResponse:
    """Its people, page by page, and every role that it gives, as far as the reader may know."""
    found = _find(request, organization_id, team_id)
    query = ListQuery(request, LIST)
    refused = refusal(request.actor, Permission.ORGANIZATION_TEAMS_UPDATE, found)
    no_delete = refusal(request.actor, Permission.ORGANIZATION_TEAMS_DELETE, found)
    managed = _MANAGED if found.is_idp_managed else ""
    is_scim_on = found.organization.is_scim_on
    held = holdings.visible(holdings.of_team(found, most=holdings.MOST), request.actor)
    context = {
        "team": found,
        "query": query,
        "page": query.page(queries.team_members(request.actor, found)),
        "holdings": held,
        "refused": refused,
        "refused_members": refused or managed,
        "refused_add": refused or managed or (SCIM_IS_ON if is_scim_on else ""),
        "refused_delete": no_delete or managed,
    }
    _enter(request, found)
    return render.page(request, "accounts/team.html", context, regions={"rows"})


def edit(request: PageRequest, organization_id: str, team_id: str) -> HttpResponse:
    found = _find(request, organization_id, team_id, to=Permission.ORGANIZATION_TEAMS_UPDATE)
    now = {"name": found.name, "description": found.description, "seen": found.version}
    form = TeamForm(request.POST or None, initial=now)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.update_team(
            found,
            name=values["name"],
            description=values["description"],
            seen=values["seen"] or None,
            actor=request.actor,
        ),
    ):
        messages.success(request, "Saved.")
        return redirect("accounts:team", organization_id, team_id)
    _enter(request, found, Crumb("Edit", request.path))
    context = {"team": found, "form": form, "title": f"Edit {found}", "verb": "Save"}
    return render.page(request, "accounts/team_form.html", context, status=forms.status(form))


def role(request: PageRequest, organization_id: str, team_id: str) -> HttpResponse:
    """Its role in the Organization."""
    found = _find(request, organization_id, team_id, to=Permission.ORGANIZATION_TEAMS_UPDATE)
    place = found.organization
    held = queries.organization_roles([found]).get(found.pk)
    form = GrantForm(
        request.POST or None,
        options=choices(request.actor, place),
        binding=held,
        role=Role.ORGANIZATION_MEMBER,
    )

    def act(_: object) -> object:
        if held is None:
            return services.give_team_role(found, **form.grant(place), actor=request.actor)
        return services.change_team_role(held, **form.change(place), actor=request.actor)

    if request.method == "POST" and forms.accepted(form, act):
        messages.success(request, f"{found} has another role now.")
        return redirect("accounts:team", organization_id, team_id)
    _enter(request, found, Crumb("Role", request.path))
    title = f"Role of {found} in {place}"
    context = {"team": found, "form": form, "title": title, "verb": "Change role"}
    return render.page(request, "accounts/team_form.html", context, status=forms.status(form))


def add(request: PageRequest, organization_id: str, team_id: str) -> HttpResponse:
    found = _find(request, organization_id, team_id, to=Permission.ORGANIZATION_TEAMS_UPDATE)
    form = TeamMembersForm(request.POST or None)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.add_team_members(
            found, emails=values["emails"], actor=request.actor
        ),
    ):
        messages.success(request, f"Added to {found}.")
        return redirect("accounts:team", organization_id, team_id)
    _enter(request, found, Crumb("Add people", request.path))
    context = {"team": found, "form": form, "title": f"Add people to {found}", "verb": "Add"}
    return render.page(request, "accounts/team_form.html", context, status=forms.status(form))


def remove(request: PageRequest, organization_id: str, team_id: str, user_id: str) -> HttpResponse:
    found = _find(request, organization_id, team_id)
    member = queries.team_members(request.actor, found).filter(user_id=user_id).first()
    if member is None:
        require(request.actor, Permission.ORGANIZATION_TEAMS_UPDATE, found)
        raise NotFound("This person is not in the Team.", remedy="Go back to the Team.")
    services.remove_team_member(member, actor=request.actor)
    messages.success(request, f"{member.user} is not in {found} any more.")
    return redirect("accounts:team", organization_id, team_id)


def delete(request: PageRequest, organization_id: str, team_id: str) -> HttpResponse:
    """Ask for the name, then delete."""
    found = _find(request, organization_id, team_id, to=Permission.ORGANIZATION_TEAMS_DELETE)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.delete_team(
            found, typed_name=values["confirmation"], actor=request.actor
        ),
    ):
        messages.success(request, "The Team was deleted, and every role that it gave.")
        return redirect("accounts:teams", organization_id)
    _enter(request, found, Crumb("Delete", request.path))
    held = holdings.visible(holdings.of_team(found, most=holdings.MOST), request.actor)
    context = {"team": found, "form": form, "holdings": held}
    return render.page(request, "accounts/team_delete.html", context, status=forms.status(form))


def _find(
    request: PageRequest, organization_id: str, team_id: str, *, to: Permission | None = None
) -> Team:
    organization = queries.organization(request.actor, organization_id)
    found = queries.team(request.actor, organization, team_id)
    if to is not None:
        require(request.actor, to, found)
    return found


def _enter(request: PageRequest, found: Team, *crumbs: Crumb) -> None:
    organization = found.organization
    here = Crumb(found.name, reverse("accounts:team", args=[organization.pk, found.pk]))
    navigation.enter(request, organization, list_crumb(organization), here, *crumbs)
