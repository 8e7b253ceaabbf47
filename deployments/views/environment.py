"""Environment variables of a Deployment: a table, and all of them as text."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.policy import require
from deployments import queries, services
from deployments import variable_forms as written
from deployments.models import Deployment
from deployments.services.variables import Variable, fingerprint, stored
from deployments.services.wishes import StaleForm
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import DomainError


def environment(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Show and save the variables, as rows or (`?as=text`) as lines."""
    deployment = _deployment(request, deployment_id)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _save(request, deployment)
        except DomainError as refusal:
            error = refusal
        else:
            return redirect("deployments:environment", deployment_id)
    context = enter(request, deployment, tab="environment") | _context(request, deployment, error)
    status = error.status if error else 200
    return render.page(request, "deployments/environment.html", context, status=status)


@require_POST
def preview(request: PageRequest, deployment_id: str) -> HttpResponse:
    """What saving would change, with secrets masked; nothing is stored."""
    deployment = _deployment(request, deployment_id)
    context: dict[str, Any] = {}
    try:
        context["changes"] = written.differences(deployment, _wanted(request))
    except DomainError as error:
        context["problem"] = error
    return render.page(request, "deployments/environment_changes.html", context)


def _deployment(request: PageRequest, deployment_id: str) -> Deployment:
    deployment = queries.deployment(request.actor, deployment_id)
    require(request.actor, Permission.DEPLOYMENT_ENV_OBJECTS_GET, deployment)
    return deployment


def _save(request: PageRequest, deployment: Deployment) -> None:
    wanted = _wanted(request)
    before = deployment.generation
    saved = services.replace_all(
        deployment, wanted, loaded=request.POST.get("loaded", ""), actor=request.actor
    )
    if saved.generation == before:
        messages.info(request, "Nothing was different, so nothing was changed.")
    else:
        messages.success(
            request,
            "Saved. They take effect on waking." if saved.is_asleep else "Saved. Airflow restarts.",
        )


def _wanted(request: PageRequest) -> list[Variable]:
    if "text" in request.POST:
        return written.from_text(request.POST["text"])
    return written.from_rows(request.POST)


def _context(
    request: PageRequest, deployment: Deployment, error: DomainError | None
) -> dict[str, Any]:
    is_text = "text" in request.POST or request.GET.get("as") == "text"
    now = stored(deployment)
    context: dict[str, Any] = {
        "is_text": is_text,
        "problem": error,
        "is_stale": isinstance(error, StaleForm),
        "loaded": fingerprint(deployment),
        "count": len(now),
        "changes": [],
    }
    if is_text:
        typed = request.POST.get("text")
        context["text"] = written.to_text(now) if typed is None else written.without_secrets(typed)
    elif request.method == "POST":
        context["rows"] = written.rows_again(request.POST, (each.key for each in now))
    else:
        context["rows"] = written.rows(deployment)
    return context


urlpatterns = [
    page("deployments/<str:deployment_id>/environment/", environment, "environment"),
    page("deployments/<str:deployment_id>/environment/preview/", preview, "environment_preview"),
]
