"""Roles of people and Teams on one Deployment: give, change, take away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.policy import require
from access.roles import Role
from accounts import queries as accounts
from accounts.grant_forms import GrantForm
from accounts.role_choices import choices
from accounts.team_forms import PersonGrantForm, TeamGrantForm
from deployments import access_queries, queries
from deployments.models import Deployment, DeploymentRoleBinding
from deployments.services import access as services
from deployments.views.offers import missing_role
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import forms, render


@dataclass(frozen=True)
class _Kind:
    """What differs between people and Teams."""

    noun: str
    form: Callable[..., GrantForm]
    find: Callable[[Deployment, str], DeploymentRoleBinding]
    give: Callable[..., DeploymentRoleBinding]
    change: Callable[..., DeploymentRoleBinding]
    remove: Callable[..., None]
    to_see: Permission
    to_give: Permission
    to_change: Permission


_PERSON = _Kind(
    "person",
    PersonGrantForm,
    access_queries.person,
    lambda deployment, email, **rest: services.give_person(deployment, email=email, **rest),
    services.change_person,
    services.remove_person,
    Permission.DEPLOYMENT_USERS_GET,
    Permission.DEPLOYMENT_USERS_CREATE,
    Permission.DEPLOYMENT_USERS_DELETE,
)
_TEAM = _Kind(
    "Team",
    TeamGrantForm,
    access_queries.team,
    lambda deployment, team, **rest: services.give_team(deployment, name=team, **rest),
    services.change_team,
    services.remove_team,
    Permission.DEPLOYMENT_TEAMS_GET,
    Permission.DEPLOYMENT_TEAMS_CREATE,
    Permission.DEPLOYMENT_TEAMS_DELETE,
)


def _add(request: PageRequest, deployment_id: str, *, kind: _Kind) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    require(request.actor, kind.to_give, deployment)
    form: Any = kind.form(
        request.POST or None,
        options=choices(request.actor, deployment),
        role=Role.DEPLOYMENT_ACCESSOR,
    )

    def give(values: dict[str, Any]) -> DeploymentRoleBinding:
        name = "email" if kind is _PERSON else "team"
        return kind.give(deployment, values[name], **form.grant(deployment), actor=request.actor)

    if request.method == "POST":
        made = forms.submit(form, give)
        if made:
            messages.success(request, f"{made.holder} has a role on {deployment} now.")
            return redirect("deployments:access", deployment_id)
    context = {**enter(request, deployment, tab="access"), "form": form, "noun": kind.noun}
    if kind is _TEAM:
        organization = deployment.organization
        context["team_names"] = accounts.team_names(request.actor, organization)
    status = forms.status(form)
    return render.page(request, "deployments/access/give.html", context, status=status)


def _change(
    request: PageRequest, deployment_id: str, holder_id: str, *, kind: _Kind
) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    require(request.actor, kind.to_see, deployment)
    found = kind.find(deployment, holder_id)
    form = GrantForm(
        request.POST or None, options=choices(request.actor, deployment), binding=found
    )
    if request.method == "POST" and forms.accepted(
        form, lambda _: kind.change(found, **form.change(deployment), actor=request.actor)
    ):
        messages.success(request, f"{found.holder} has another role now.")
        return redirect("deployments:access", deployment_id)
    context = {
        **enter(request, deployment, tab="access"),
        "form": form,
        "grant": found,
        "noun": kind.noun,
        "remove_url": f"{request.path}remove/",
        "refused": missing_role(kind.to_change, request.actor, deployment),
    }
    status = forms.status(form)
    return render.page(request, "deployments/access/grant.html", context, status=status)


@require_POST
def _remove(
    request: PageRequest, deployment_id: str, holder_id: str, *, kind: _Kind
) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    require(request.actor, kind.to_see, deployment)
    found = kind.find(deployment, holder_id)
    kind.remove(found, actor=request.actor)
    messages.success(request, f"{found.holder} has no role of their own here any more.")
    return redirect("deployments:access", deployment_id)


def _routes(kind: _Kind, name: str) -> list[Any]:
    base = f"deployments/<str:deployment_id>/access/{name}"
    gestures: list[tuple[str, Callable[..., HttpResponse], str]] = [
        (f"{base}/add/", _add, f"{name}_give"),
        (f"{base}/<str:holder_id>/", _change, f"{name}_grant"),
        (f"{base}/<str:holder_id>/remove/", _remove, f"{name}_take"),
    ]
    return [page(route, _for(view, kind), label) for route, view, label in gestures]


def _for(view: Callable[..., HttpResponse], kind: _Kind) -> Callable[..., HttpResponse]:
    return lambda request, **parts: view(request, **parts, kind=kind)


urlpatterns = [*_routes(_PERSON, "people"), *_routes(_TEAM, "teams")]
