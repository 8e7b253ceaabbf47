"""One deploy: what it brought, how Airflow took it, and what differs from the one before."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpResponse

from deployments import queries
from deployments.comparison import compare
from deployments.models import Deploy, Deployment, Operation
from deployments.spec import deploy_folder
from deployments.views.deploys.refusals import roll_back_refusal
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from deployments.views.steps import step_lines
from web import render


def deploy(request: PageRequest, deployment_id: str, deploy_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    found = queries.deploy(request.actor, deployment, deploy_id)
    before = queries.deploy_before(found)
    operation = found.operations.prefetch_related("steps").first()
    context = {
        **enter(request, deployment, tab="deploys"),
        "deploy": found,
        "before": before,
        "difference": compare(folder_of(before), folder_of(found)),
        "operation": operation,
        "steps": step_lines(operation) if operation else [],
        "refusal": roll_back_refusal(deployment, found, request.actor),
        "is_under_way": _is_under_way(found, operation),
        "is_live": deployment.active_deploy_id == found.pk,
        "is_stored_only": _is_stored_only(deployment, found),
        "is_replaced": _is_replaced(deployment, found),
    }
    return render.page(request, "deployments/deploys/deploy.html", context, regions={"deploy"})


def folder_of(deploy: Deploy | None) -> Path | None:
    """Where its files lie; None for no deploy, or one without content."""
    if deploy is None or not deploy.content_version:
        return None
    return deploy_folder(deploy.deployment_id, deploy.content_version)


def _is_stored_only(deployment: Deployment, deploy: Deploy) -> bool:
    """It waits for the Deployment to wake up."""
    is_wished = deployment.current_deploy_id == deploy.pk
    return is_wished and not deployment.is_awake and deployment.active_deploy_id != deploy.pk


def _is_under_way(deploy: Deploy, operation: Operation | None) -> bool:
    """Its files are all here, which the API calls DEPLOYED, and Airflow is being given them."""
    is_running = operation is not None and operation.is_running
    return is_running and deploy.status == Deploy.Status.DEPLOYED and deploy.active_at is None


def _is_replaced(deployment: Deployment, deploy: Deploy) -> bool:
    """It was complete, but a newer one was wished for before Airflow served it."""
    is_done = deploy.status == Deploy.Status.DEPLOYED
    return is_done and deploy.active_at is None and deployment.current_deploy_id != deploy.pk


urlpatterns = [page("deployments/<str:deployment_id>/deploys/<str:deploy_id>/", deploy, "deploy")]
