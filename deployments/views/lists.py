from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from accounts import queries as accounts
from deployments import queries
from deployments.views.routes import PageRequest, page
from web import navigation, render
from web.navigation import Crumb
from workspaces import queries as workspaces


def organization_list(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = accounts.organization(request.actor, organization_id)
    here = reverse("deployments:list", args=[organization.pk])
    navigation.enter(
        request, scope="organization", subject=organization, crumbs=[Crumb("Deployments", here)]
    )
    rows = queries.deployments(request.actor).filter(organization=organization)
    return render.page(request, "deployments/list.html", {"rows": rows})


def workspace_list(request: PageRequest, workspace_id: str) -> HttpResponse:
    workspace = workspaces.workspace(request.actor, workspace_id)
    here = reverse("deployments:workspace_list", args=[workspace.pk])
    navigation.enter(
        request, scope="workspace", subject=workspace, crumbs=[Crumb("Deployments", here)]
    )
    rows = queries.deployments(request.actor).filter(workspace=workspace)
    return render.page(request, "deployments/list.html", {"rows": rows})


urlpatterns = [
    page("organizations/<str:organization_id>/deployments/", organization_list, "list"),
    page("workspaces/<str:workspace_id>/deployments/", workspace_list, "workspace_list"),
]
