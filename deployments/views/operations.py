from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from deployments import queries
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render


def operation(request: PageRequest, deployment_id: str, operation_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    found = get_object_or_404(queries.operations(request.actor, deployment), pk=operation_id)
    context = {**enter(request, deployment, tab="detail"), "operation": found}
    return render.page(request, "deployments/layout.html", context)


def tray(request: PageRequest) -> HttpResponse:
    rows = queries.own_operations(request.actor)[:50]
    return render.page(request, "deployments/list.html", {"operations": rows})


urlpatterns = [
    page("deployments/<str:deployment_id>/operations/<str:operation_id>/", operation, "operation"),
    page("operations/", tray, "operations"),
]
