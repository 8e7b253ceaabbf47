"""The page that makes a Deployment."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.ids import cuid
from access.permissions import Permission
from access.policy import PermissionDenied, require
from accounts import navigation as account_pages
from accounts import queries as accounts
from accounts.models import Organization
from deployments import queries, services
from deployments.exposure import exposure
from deployments.forms import CreateForm
from deployments.models import Deployment
from deployments.services.create import NewDeployment
from deployments.views import choices
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import DomainError
from web.navigation import Crumb
from workspaces import navigation as workspace_pages
from workspaces import queries as workspaces
from workspaces.models import Workspace


def create_anywhere(request: PageRequest, organization_id: str) -> HttpResponse:
    """Create a Deployment in one of the Organization's Workspaces, which the form asks for."""
    organization = accounts.organization(request.actor, organization_id)
    if not queries.homes_for_new(request.actor, organization).exists():
        raise PermissionDenied(Permission.WORKSPACE_DEPLOYMENTS_CREATE)
    return _create(request, organization, None)


def create(request: PageRequest, workspace_id: str) -> HttpResponse:
    """Create a Deployment; the form starts with this Workspace."""
    workspace = workspaces.workspace(request.actor, workspace_id)
    require(request.actor, Permission.WORKSPACE_DEPLOYMENTS_CREATE, workspace)
    return _create(request, workspace.organization, workspace)


def _create(
    request: PageRequest, organization: Organization, workspace: Workspace | None
) -> HttpResponse:
    form = CreateForm(
        request.POST or None,
        initial=_beginning(request, workspace),
        workspaces=queries.homes_for_new(request.actor, organization),
        clusters=queries.clusters(organization),
    )
    if request.method == "POST" and form.is_valid():
        made = _submit(request, form)
        if made is not None:
            return redirect("deployments:detail", made)
    _enter(request, organization, workspace)
    status = 422 if form.is_bound else 200
    context = _context(form, organization, workspace)
    context["exposures"] = _exposures(organization)
    return render.page(request, "deployments/create.html", context, status=status)


def _submit(request: PageRequest, form: CreateForm) -> str | None:
    """The id of the Deployment: of the one just made, or of an earlier click on this form."""
    given = form.cleaned_data
    key = _key(request, given["key"])
    if _was_made(request, key):
        return key
    wanted = NewDeployment(
        id=key,
        name=given["name"],
        description=given["description"],
        cluster=given["cluster"],
        runtime_version=given["runtime_version"],
        executor=given["executor"],
        scheduler_size=given["scheduler_size"],
        is_development_mode=given["is_development_mode"],
        contact_emails=given["contact_emails"],
    )
    try:
        return services.create(given["workspace"], wanted=wanted, actor=request.actor).pk
    except DomainError as error:
        if _was_made(request, key):  # both clicks came at once
            return key
        form.show(error)
        return None


def _was_made(request: PageRequest, key: str) -> bool:
    return queries.deployments(request.actor).filter(pk=key).exists()


def _key(request: PageRequest, signed: str) -> str:
    """The id that the form was given. An altered or old form gets a new one."""
    try:
        return str(signing.loads(signed, salt=_salt(request)))
    except signing.BadSignature:
        return cuid()


def _salt(request: PageRequest) -> str:
    return f"create-deployment:{request.actor.principal.id}"


def _beginning(request: PageRequest, workspace: Workspace | None) -> dict[str, Any]:
    # The Deployment's id is chosen with the form, so that a second click cannot make another.
    return {
        "key": signing.dumps(cuid(), salt=_salt(request)),
        "workspace": workspace,
        "executor": Deployment.Executor.CELERY,
        "scheduler_size": Deployment.SchedulerSize.SMALL,
        "runtime_version": choices.default_runtime(),
    }


def _context(
    form: CreateForm, organization: Organization, workspace: Workspace | None
) -> dict[str, Any]:
    allows_deprecated = organization.allows_deprecated_runtimes
    back = (
        reverse("deployments:workspace_list", args=[workspace.pk])
        if workspace
        else reverse("deployments:list", args=[organization.pk])
    )
    return {
        "form": form,
        "back_url": back,
        "runtimes": choices.runtimes(
            allows_deprecated=allows_deprecated, chosen=str(form["runtime_version"].value())
        ),
        "executors": choices.executors(str(form["executor"].value())),
        "sizes": choices.sizes(str(form["scheduler_size"].value())),
    }


def _exposures(organization: Organization) -> list[tuple[str, str]]:
    """Name and reason of each cluster on offer that does not isolate."""
    found = ((cluster.name, exposure(cluster)) for cluster in queries.clusters(organization))
    return [(name, reason) for name, reason in found if reason]


def _enter(request: PageRequest, organization: Organization, workspace: Workspace | None) -> None:
    here = Crumb("Create Deployment", request.path)
    if workspace:
        workspace_pages.enter(request, workspace, here)
    else:
        account_pages.enter(request, organization, here)


urlpatterns = [
    page("workspaces/<str:workspace_id>/deployments/new/", create, "create"),
    page(
        "organizations/<str:organization_id>/deployments/new/", create_anywhere, "create_anywhere"
    ),
]
