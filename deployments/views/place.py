"""What every page of one Deployment shares: its place, its header and its tabs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from deployments.models import Deployment
from deployments.tabs import tabs
from deployments.views.routes import PageRequest
from web import navigation
from web.navigation import Crumb


def enter(request: PageRequest, deployment: Deployment, *, tab: str) -> dict[str, Any]:
    """Say where the page is; return the context of templates/deployments/layout.html."""
    workspace = deployment.workspace
    crumbs = (
        Crumb(workspace.name, reverse("deployments:workspace_list", args=[workspace.pk])),
        Crumb(deployment.name, reverse("deployments:detail", args=[deployment.pk])),
    )
    events_url = reverse("deployments:events", args=[deployment.pk])
    navigation.enter(
        request, scope="workspace", subject=workspace, crumbs=crumbs, events_url=events_url
    )
    return {
        "deployment": deployment,
        "tabs": tabs(deployment, request.actor, current=tab),
    }
