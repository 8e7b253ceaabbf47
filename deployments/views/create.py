from __future__ import annotations

from django.http import HttpResponse

from deployments.views.routes import PageRequest, page
from web import render
from workspaces import queries as workspaces


def create(request: PageRequest, workspace_id: str) -> HttpResponse:
    workspace = workspaces.workspace(request.actor, workspace_id)
    return render.page(request, "deployments/list.html", {"workspace": workspace})


urlpatterns = [page("workspaces/<str:workspace_id>/deployments/new/", create, "create")]
