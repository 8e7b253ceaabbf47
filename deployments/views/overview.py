"""The first tab of a Deployment: how it is, what is being done to it, and its facts."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from deployments import queries, spec
from deployments.exposure import exposure
from deployments.models import Deployment, Operation
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from deployments.views.steps import step_lines
from web import render


def detail(request: PageRequest, deployment_id: str) -> HttpResponse:
    """The overview; its region follows the Deployment live."""
    deployment = queries.deployment(request.actor, deployment_id)
    operations = list(queries.operations(request.actor, deployment)[:8])
    latest = operations[0] if operations else None
    context = {
        **enter(request, deployment, tab="detail"),
        "operations": operations,
        "operation": latest if latest and _is_of_interest(latest) else None,
        "steps": step_lines(latest) if latest and _is_of_interest(latest) else [],
        "timeline": queries.timeline(deployment, limit=10),
        "exposure": exposure(deployment.cluster),
        "airflow_url": spec.airflow_url(deployment),
        **_calls(deployment),
    }
    return render.page(request, "deployments/overview.html", context, regions={"overview"})


def _is_of_interest(latest: Operation) -> bool:
    """A finished success needs no room on the first page; it stays in the list."""
    return latest.status in {Operation.Status.RUNNING, Operation.Status.FAILED}


def _calls(deployment: Deployment) -> dict[str, Any]:
    """The same page as API calls and astro commands. The token is a variable, never a value."""
    path = f"/v1/organizations/{deployment.organization_id}/deployments/{deployment.pk}"
    authorization = '-H "Authorization: Bearer $ASTRO_API_TOKEN"'
    body = json.dumps(
        {
            "name": deployment.name,
            "description": deployment.description,
            "executor": deployment.executor,
            "schedulerSize": deployment.scheduler_size,
            "workspaceId": deployment.workspace_id,
        }
    ).replace("'", "'\\''")
    url = f"{settings.BASE_URL}{path}"
    return {
        "get_call": f"curl {authorization} {url}",
        "update_call": f"curl -X POST {authorization} -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}' {url}",
        "astro_inspect": f"astro deployment inspect {deployment.pk}",
        "astro_update": f"astro deployment update {deployment.pk}"
        f" --executor {deployment.executor} --scheduler-size {deployment.scheduler_size.lower()}",
    }


urlpatterns = [page("deployments/<str:deployment_id>/", detail, "detail")]
