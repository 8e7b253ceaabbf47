from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from deployments import queries, services
from deployments.views.routes import PageRequest, page


@require_POST
def hibernate(request: PageRequest, deployment_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    services.hibernate(deployment, actor=request.actor)
    return redirect("deployments:detail", deployment_id)


@require_POST
def wake(request: PageRequest, deployment_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    services.wake(deployment, actor=request.actor)
    return redirect("deployments:detail", deployment_id)


@require_POST
def retry(request: PageRequest, deployment_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    services.retry(deployment, actor=request.actor)
    return redirect("deployments:detail", deployment_id)


urlpatterns = [
    page("deployments/<str:deployment_id>/hibernate/", hibernate, "hibernate"),
    page("deployments/<str:deployment_id>/wake/", wake, "wake"),
    page("deployments/<str:deployment_id>/retry/", retry, "retry"),
]
