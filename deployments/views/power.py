"""Asleep, awake, gone and back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from access.permissions import Permission
from accounts import navigation
from accounts import queries as accounts
from deployments import queries, services
from deployments.lifecycle import RETENTION
from deployments.models import Deployment
from deployments.views.offers import needed_role
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import Conflict, InvalidInput
from web.navigation import Crumb

_Gesture = Callable[..., Deployment]


def _gesture(service: _Gesture) -> Callable[[PageRequest, str], HttpResponse]:
    """A view that makes one gesture and shows the Deployment, where its steps are."""

    @require_POST
    def view(request: PageRequest, deployment_id: str) -> HttpResponse:
        deployment = queries.deployment(request.actor, deployment_id)
        service(deployment, actor=request.actor)
        return redirect("deployments:detail", deployment_id)

    return view


def delete(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Ask for the name, then delete."""
    deployment = queries.deployment(request.actor, deployment_id)
    context = {**enter(request, deployment, tab="settings"), "retention": RETENTION.days}
    if request.method != "POST":
        return render.page(request, "deployments/delete.html", context)
    typed = request.POST.get("confirmation", "").strip()
    try:
        services.delete(deployment, typed_name=typed, actor=request.actor)
    except InvalidInput as error:
        context["error"] = error.cause
        return render.page(request, "deployments/delete.html", context, status=422)
    messages.success(request, f"{deployment.name} is being deleted; it can be restored later.")
    return redirect("deployments:detail", deployment_id)


def deleted(request: PageRequest, organization_id: str) -> HttpResponse:
    """The deleted Deployments of an Organization that can still be restored."""
    organization = accounts.organization(request.actor, organization_id)
    navigation.enter(
        request,
        organization,
        Crumb("Deployments", reverse("deployments:list", args=[organization.pk])),
        Crumb("Deleted", request.path),
    )
    found = queries.deleted(request.actor).filter(organization=organization)[:200]
    rows = [
        {
            "deployment": row,
            "until": row.deleted_at + RETENTION if row.deleted_at else None,
            "refusal": needed_role(Permission.DEPLOYMENT_DELETE, request.actor.permissions_on(row)),
        }
        for row in found
    ]
    context = {"rows": rows, "retention": RETENTION.days}
    return render.page(request, "deployments/deleted.html", context)


@require_POST
def restore(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Bring a deleted one back, asleep."""
    deployment = queries.deleted_deployment(request.actor, deployment_id)
    try:
        services.restore(deployment, actor=request.actor)
    except Conflict as error:
        messages.error(request, f"{error.cause} {error.remedy}")
        return redirect("deployments:deleted", deployment.organization_id)
    return redirect("deployments:detail", deployment_id)


urlpatterns = [
    page("deployments/<str:deployment_id>/hibernate/", _gesture(services.hibernate), "hibernate"),
    page("deployments/<str:deployment_id>/wake/", _gesture(services.wake), "wake"),
    page("deployments/<str:deployment_id>/retry/", _gesture(services.retry), "retry"),
    page("deployments/<str:deployment_id>/delete/", delete, "delete"),
    page("deployments/<str:deployment_id>/restore/", restore, "restore"),
    page("organizations/<str:organization_id>/deployments/deleted/", deleted, "deleted"),
]
