"""Back to an earlier deploy: first exactly what will change, then the button."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from deployments import queries
from deployments.comparison import compare
from deployments.services import deploys
from deployments.views.deploys.detail import folder_of
from deployments.views.deploys.refusals import roll_back_refusal
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render

_LONGEST_DESCRIPTION = 500


def roll_back(request: PageRequest, deployment_id: str, deploy_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    deploy = queries.deploy(request.actor, deployment, deploy_id)
    if request.method == "POST":
        description = request.POST.get("description", "")[:_LONGEST_DESCRIPTION]
        made = deploys.roll_back(deploy, description=description, actor=request.actor)
        return redirect("deployments:deploy", deployment.pk, made.pk)
    current = deployment.current_deploy
    context = {
        **enter(request, deployment, tab="deploys"),
        "deploy": deploy,
        "current": current,
        "difference": compare(folder_of(current), folder_of(deploy)),
        "refusal": roll_back_refusal(deployment, deploy, request.actor),
    }
    return render.page(request, "deployments/deploys/rollback.html", context)


urlpatterns = [
    page(
        "deployments/<str:deployment_id>/deploys/<str:deploy_id>/rollback/",
        roll_back,
        "deploy_rollback",
    )
]
