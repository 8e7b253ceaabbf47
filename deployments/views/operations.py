"""Operations: the page of one, and the tray of one's own."""

from __future__ import annotations

from django.http import HttpResponse

from deployments import queries
from deployments.navigation import tray_of
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from deployments.views.steps import step_lines
from web import navigation, render
from web.navigation import Crumb

_TRAY_SIZE = 50


def operation(request: PageRequest, deployment_id: str, operation_id: str) -> HttpResponse:
    """One operation with its steps, live while it runs and for later looking up."""
    deployment = queries.deployment(request.actor, deployment_id)
    found = queries.operation(request.actor, deployment, operation_id)
    context = {
        **enter(request, deployment, tab="detail"),
        "operation": found,
        "steps": step_lines(found),
    }
    return render.page(request, "deployments/operation.html", context, regions={"operation"})


def tray(request: PageRequest) -> HttpResponse:
    """Everything that this person started and that runs or has ended lately."""
    navigation.enter(request, scope="", crumbs=[Crumb("Operations", request.path)])
    context = {"operations": queries.own_operations(request.actor)[:_TRAY_SIZE]}
    return render.page(request, "deployments/tray.html", context, regions={"operations"})


def tray_badge(request: PageRequest) -> HttpResponse:
    """Only the number in the frame, for the pages that are open."""
    return render.page(request, "layouts/tray.html", {"tray": tray_of(request.actor)})


urlpatterns = [
    page("deployments/<str:deployment_id>/operations/<str:operation_id>/", operation, "operation"),
    page("operations/", tray, "operations"),
    page("operations/badge/", tray_badge, "tray_badge"),
]
