"""Lists of Deployments: of an Organization and of a Workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render as render_fragment
from django.urls import reverse

from access.permissions import Permission
from accounts import navigation as account_pages
from accounts import queries as accounts
from accounts.models import Organization
from deployments import queries
from deployments.lifecycle import Status
from deployments.models import Deployment
from deployments.views.offers import missing_role
from deployments.views.routes import PageRequest, page
from web import render, states
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb
from workspaces import navigation as workspace_pages
from workspaces import queries as workspaces

_STATUSES = {
    status.value: states.look(status).label for status in Status if status is not Status.DELETED
}
_MOST_OPTIONS = 20
_SHOWN = (
    "name", "status", "runtime_version", "executor", "updated_at", "workspace__name",
    "current_deploy__number", "current_deploy__created_at",
)  # fmt: skip
"""The columns of a row: reading and building all of them costs several times more."""
_PAGE_SIZE = 25
"""Rendering costs about a millisecond a row: more rows would miss the 50 ms of a list page."""
_SORTS = {
    "name": "name",
    "status": "status",
    "runtime": "runtime_version",
    "executor": "executor",
    "workspace": "workspace__name",
    "deployed": "current_deploy__created_at",
    "updated": "updated_at",
}


def organization_list(request: PageRequest, organization_id: str) -> HttpResponse:
    """All Deployments of an Organization that the person may see."""
    organization = accounts.organization(request.actor, organization_id)
    account_pages.enter(request, organization, Crumb("Deployments", request.path))
    rows = queries.deployments(request.actor).filter(organization=organization)
    homes = workspaces.workspaces(request.actor).filter(organization=organization)
    names = dict(homes.values_list("pk", "name"))
    return _show(
        request,
        rows,
        homes=names,
        create_url=reverse("deployments:create_anywhere", args=[organization.pk]),
        refusal=cannot_create_anywhere(request, organization, has_homes=bool(names)),
        deleted_url=reverse("deployments:deleted", args=[organization.pk]),
    )


def workspace_list(request: PageRequest, workspace_id: str) -> HttpResponse:
    """All Deployments of a Workspace that the person may see."""
    workspace = workspaces.workspace(request.actor, workspace_id)
    workspace_pages.enter(request, workspace, Crumb("Deployments", request.path))
    return _show(
        request,
        queries.deployments(request.actor).filter(workspace=workspace),
        homes={},
        create_url=reverse("deployments:create", args=[workspace.pk]),
        refusal=missing_role(Permission.WORKSPACE_DEPLOYMENTS_CREATE, request.actor, workspace),
        deleted_url=reverse("deployments:deleted", args=[workspace.organization_id]),
    )


def switcher(request: PageRequest, workspace_id: str) -> HttpResponse:
    """The Deployments of a Workspace, for the menu in the breadcrumb."""
    search = request.GET.get("q", "").replace("\x00", "")
    visible = queries.deployments(request.actor).filter(workspace_id=workspace_id)
    names = visible.filter(name__icontains=search).order_by("name").values_list("name", "pk")
    options = [
        (name, reverse("deployments:detail", args=[pk])) for name, pk in names[:_MOST_OPTIONS]
    ]
    return render_fragment(request, "accounts/switcher.html", {"options": options})


def cannot_create_anywhere(
    request: PageRequest, organization: Organization, *, has_homes: bool = False
) -> str:
    """Which role is missing, or nothing; `has_homes` says that there are Workspaces for sure."""
    if has_homes and request.actor.can(Permission.WORKSPACE_DEPLOYMENTS_CREATE, organization):
        return ""  # in each of them, so there is no need to ask
    if queries.homes_for_new(request.actor, organization).exists():
        return ""
    return "Needs Workspace Operator in one of the Workspaces. Its Owner can grant it."


def _show(
    request: PageRequest,
    rows: QuerySet[Deployment],
    *,
    homes: Mapping[str, str],
    create_url: str,
    refusal: str,
    deleted_url: str,
) -> HttpResponse:
    query = ListQuery(request, _spec(homes, queries.runtimes_in_use(rows)))
    slim = rows.select_related(None).select_related("workspace", "current_deploy").only(*_SHOWN)
    context = {
        "query": query,
        "page": query.page(slim),
        "has_workspaces": bool(homes),
        "create_url": create_url,
        "create_refusal": refusal,
        "deleted_url": deleted_url,
        "bulk_url": reverse("deployments:bulk"),
    }
    return render.page(request, "deployments/list.html", context, regions={"rows"})


def _spec(homes: Mapping[str, str], runtimes: Iterable[str]) -> ListSpec:
    versions = {version: f"Runtime {version}" for version in sorted(runtimes)}
    offered = (
        Filter("status", "Status", choices=_STATUSES),
        Filter("workspace", "Workspace", choices=homes, field="workspace_id"),
        Filter("runtime", "Runtime", choices=versions, field="runtime_version"),
        Filter("executor", "Executor", choices=dict(Deployment.Executor.choices)),
    )
    return ListSpec(
        sorts=_SORTS,
        default_sort="name",
        search_fields=("name", "namespace", "id", "description"),
        filters=tuple(each for each in offered if each.choices),
        page_size=_PAGE_SIZE,
    )


urlpatterns = [
    page("organizations/<str:organization_id>/deployments/", organization_list, "list"),
    page("workspaces/<str:workspace_id>/deployments/", workspace_list, "workspace_list"),
    page("workspaces/<str:workspace_id>/deployments/switcher/", switcher, "switcher"),
]
