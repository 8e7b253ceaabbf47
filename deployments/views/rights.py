"""Effective access on a Deployment."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from access.permissions import Permission
from accounts.views import rights
from deployments import queries
from deployments.models import Deployment
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render


def may(request: PageRequest, deployment_id: str) -> HttpResponse:
    """What the reader, or somebody else, may do here, and why."""
    deployment = queries.deployment(request.actor, deployment_id)
    context = {
        **enter(request, deployment, tab="rights"),
        "place_name": deployment.name,
        "who_url": reverse("deployments:rights_who", args=[deployment.pk]),
        "part": "accounts/rights_may.html",
        **rights.may(request, _place(deployment)),
    }
    return render.page(request, "deployments/access/rights.html", context)


def who(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Who can do one thing here, and why."""
    deployment = queries.deployment(request.actor, deployment_id)
    context = {
        **enter(request, deployment, tab="rights"),
        "may_url": reverse("deployments:rights", args=[deployment.pk]),
        "part": "accounts/rights_who.html",
        **rights.who(request, _place(deployment)),
    }
    return render.page(request, "deployments/access/rights.html", context)


def _place(deployment: Deployment) -> rights.Place:
    return rights.Place(
        deployment,
        deployment.organization,
        ("deployment.",),
        entrance=Permission.DEPLOYMENT_GET,
        sees_people=Permission.DEPLOYMENT_USERS_GET,
        sees_tokens=Permission.DEPLOYMENT_API_TOKENS_GET,
    )


_HERE = "deployments/<str:deployment_id>/rights"
urlpatterns = [page(f"{_HERE}/", may, "rights"), page(f"{_HERE}/who/", who, "rights_who")]
