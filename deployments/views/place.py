"""What every page of one Deployment shares: its place, its header and its tabs."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from deployments import queries
from deployments.models import Deployment
from deployments.tabs import tabs
from deployments.views.offers import offers
from deployments.views.routes import PageRequest, page
from web import navigation, render
from web.navigation import Crumb
from workspaces.navigation import crumb


def enter(request: PageRequest, deployment: Deployment, *, tab: str) -> dict[str, Any]:
    """Say where the page is; return the context of templates/deployments/layout.html."""
    workspace = deployment.workspace
    crumbs = (
        crumb(workspace),
        Crumb(
            deployment.name,
            reverse("deployments:detail", args=[deployment.pk]),
            reverse("deployments:switcher", args=[workspace.pk]),
        ),
    )
    events_url = reverse("deployments:events", args=[deployment.pk])
    navigation.enter(
        request, scope="workspace", subject=workspace, crumbs=crumbs, events_url=events_url
    )
    return {
        "tabs": tabs(deployment, request.actor, current=tab),
        "header_url": reverse("deployments:header", args=[deployment.pk]),
        **shown(request, deployment),
    }


def shown(request: PageRequest, deployment: Deployment) -> dict[str, Any]:
    """What the header and the failure card need."""
    return {
        "deployment": deployment,
        "offers": offers(deployment, request.actor),
    }


def header(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Only the header, for the live region of every tab."""
    deployment = queries.deployment(request.actor, deployment_id)
    return render.page(request, "deployments/header.html", shown(request, deployment))


urlpatterns = [page("deployments/<str:deployment_id>/header/", header, "header")]
