"""Teams of an Organization: the list, and a new one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from access.roles import Role
from accounts import navigation, queries
from accounts.models import Organization, Team
from accounts.role_choices import choices
from accounts.routes import PageRequest
from accounts.services import teams as services
from accounts.team_forms import NewTeamForm
from accounts.views.members import tabs
from web import forms, render
from web.lists import ListQuery, ListSpec
from web.navigation import Crumb

LIST = ListSpec(
    sorts={"name": "name", "created": "created_at"},
    default_sort="name",
    search_fields=("name", "description"),
)

SCIM_IS_ON = "While SCIM is on, the identity provider makes Teams and puts people into them."


def teams(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    query = ListQuery(request, LIST)
    found = query.page(queries.listed_teams(request.actor, organization))
    roles = queries.organization_roles(found.rows)
    context = {
        "organization": organization,
        "query": query,
        "page": found,
        "rows": [(each, roles.get(each.pk)) for each in found.rows],
        "tabs": tabs(request, organization),
        "refused": refusal(request.actor, Permission.ORGANIZATION_TEAMS_CREATE, organization)
        or (SCIM_IS_ON if organization.is_scim_on else ""),
    }
    navigation.enter(request, organization, Crumb("Teams", request.path))
    return render.page(request, "accounts/teams.html", context, regions={"rows"})


def create(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_TEAMS_CREATE, organization)
    form = NewTeamForm(
        request.POST or None,
        options=choices(request.actor, organization),
        role=Role.ORGANIZATION_MEMBER,
    )
    if request.method == "POST":
        made = forms.submit(form, lambda _: _create(request, organization, form))
        if made:
            messages.success(request, f"{made} is there now.")
            return redirect("accounts:team", organization.pk, made.pk)
    crumbs = (list_crumb(organization), Crumb("New", request.path))
    navigation.enter(request, organization, *crumbs)
    context = {"organization": organization, "form": form}
    return render.page(request, "accounts/team_create.html", context, status=forms.status(form))


def list_crumb(organization: Organization) -> Crumb:
    return Crumb("Teams", reverse("accounts:teams", args=[organization.pk]))


def _create(request: PageRequest, organization: Organization, form: NewTeamForm) -> Team:
    values = form.cleaned_data
    return services.create_team(
        organization,
        name=values["name"],
        description=values["description"],
        role=form.grant(organization)["role"],
        emails=values["emails"],
        actor=request.actor,
    )
