"""The Access tab: who may use the Deployment."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from access.permissions import Permission
from access.policy import require
from deployments import access_queries, queries
from deployments.models import Deployment
from deployments.views.offers import missing_role
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render
from web.navigation import Entry


def access(request: PageRequest, deployment_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    require(request.actor, Permission.DEPLOYMENT_USERS_GET, deployment)
    context: dict[str, Any] = {
        **enter(request, deployment, tab="access"),
        "holders": access_queries.holders(deployment),
        "give_person_refusal": missing_role(
            Permission.DEPLOYMENT_USERS_CREATE, request.actor, deployment
        ),
        "give_team_refusal": missing_role(
            Permission.DEPLOYMENT_TEAMS_CREATE, request.actor, deployment
        ),
        "sections": sections(request, deployment, current="access"),
        "hidden_tokens": missing_role(
            Permission.DEPLOYMENT_API_TOKENS_GET, request.actor, deployment
        ),
    }
    return render.page(request, "deployments/access/access.html", context)


def sections(request: PageRequest, deployment: Deployment, *, current: str) -> list[Entry]:
    """People and machines; who may not see the tokens has only the first."""
    found = [("People", "access", Permission.DEPLOYMENT_USERS_GET)]
    found += [("API tokens", "tokens", Permission.DEPLOYMENT_API_TOKENS_GET)]
    allowed = request.actor.permissions_on(deployment)
    return [
        Entry(
            label,
            reverse(f"deployments:{route}", args=[deployment.pk]),
            is_current=route == current,
        )
        for label, route, permission in found
        if permission in allowed
    ]


urlpatterns = [page("deployments/<str:deployment_id>/access/", access, "access")]
