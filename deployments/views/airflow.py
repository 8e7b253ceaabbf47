from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from deployments import queries, spec
from deployments.views.routes import PageRequest, page


def open_airflow(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Lead to the Deployment's own host; the door there signs the person in."""
    deployment = queries.deployment(request.actor, deployment_id)
    return redirect(spec.airflow_url(deployment))


urlpatterns = [page("deployments/<str:deployment_id>/open/", open_airflow, "open")]
