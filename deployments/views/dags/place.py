"""What all pages about DAGs share: the right, the way to Airflow, and the faces of its absence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpResponse

from access.permissions import Permission
from access.policy import require
from deployments import queries
from deployments.airflow import Airflow, AirflowSilent, connect
from deployments.lifecycle import Status
from deployments.models import Deployment
from deployments.views.offers import missing_role
from deployments.views.place import enter
from deployments.views.routes import PageRequest
from web import render

P = ParamSpec("P")
View = Callable[Concatenate[PageRequest, str, P], HttpResponse]
DagView = Callable[Concatenate[PageRequest, Deployment, Airflow, P], HttpResponse]

REGION = "airflow"
"""The part of each page that comes from Airflow, and is fetched again while it is open."""
_BUSY_SECONDS, _IDLE_SECONDS = 3, 15

_RIGHTS = {
    "trigger": Permission.DEPLOYMENT_AIRFLOW_DAG_RUN_CREATE,
    "pause": Permission.DEPLOYMENT_AIRFLOW_DAG_UPDATE,
    "mark_run": Permission.DEPLOYMENT_AIRFLOW_DAG_RUN_UPDATE,
    "change_tasks": Permission.DEPLOYMENT_AIRFLOW_TASK_INSTANCE_UPDATE,
}


@dataclass(frozen=True)
class Absence:
    """Why there is nothing from Airflow to show, and what to do."""

    kind: str
    icon: str
    title: str
    text: str


def asks_airflow(permission: Permission) -> Callable[[DagView[P]], View[P]]:
    """Make a page of a view that reads from Airflow: 404 unseen, 403 without the right.

    Where Airflow sleeps, starts or is silent, the page says so instead and looks again by itself.
    """

    def decorate(view: DagView[P]) -> View[P]:
        @wraps(view)
        def call(
            request: PageRequest, deployment_id: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            deployment = queries.deployment(request.actor, deployment_id)
            require(request.actor, permission, deployment)
            if absence := _absence(deployment):
                return _show(request, deployment, absence)
            try:
                with connect.for_console(deployment) as airflow:
                    return view(request, deployment, airflow, *args, **kwargs)
            except AirflowSilent as error:
                text = f"{error.cause} {error.remedy}"
                silent = Absence("silent", "plug-connected-x", "Airflow does not answer", text)
                return _show(request, deployment, silent)

        # Django passes what the address names by name, which Concatenate cannot say
        return cast("View[P]", call)

    return decorate


def context(request: PageRequest, deployment: Deployment, *, is_busy: bool) -> dict[str, Any]:
    """What each of these templates needs: place, refusals by gesture, and when to look again."""
    refused = {
        name: missing_role(right, request.actor, deployment) for name, right in _RIGHTS.items()
    }
    return {
        **enter(request, deployment, tab="dags"),
        "refused": refused,
        "poll_seconds": _BUSY_SECONDS if is_busy else _IDLE_SECONDS,
    }


def deploy_numbers(
    request: PageRequest, deployment: Deployment, versions: Iterable[str]
) -> dict[str, int]:
    """The numbers of those bundle versions that are deploys the actor may see."""
    wanted = {version for version in versions if version}
    if not wanted:
        return {}
    found = queries.deploys(request.actor, deployment).filter(pk__in=wanted)
    return dict(found.values_list("pk", "number"))


def page_number(request: PageRequest) -> int:
    """Of the address; the first for anything that is no number."""
    given = request.GET.get("page", "")
    return min(max(int(given), 1), 10_000) if given.isdecimal() else 1


def _absence(deployment: Deployment) -> Absence | None:
    if deployment.is_asleep or not deployment.is_awake:
        return Absence(
            "asleep",
            "moon",
            "Airflow is asleep",
            "Its DAGs, runs and logs are kept. Waking takes seconds, and schedules go on then.",
        )
    if not deployment.endpoint or deployment.status == Status.DELETING:
        return Absence(
            "starting",
            "server",
            "Airflow is not up yet",
            "Its DAGs appear here as soon as its web server answers. The Overview shows the steps.",
        )
    return None


def _show(request: PageRequest, deployment: Deployment, absence: Absence) -> HttpResponse:
    if render.is_fragment(request) and request.headers.get("HX-Target") != REGION:
        return HttpResponse(status=204)  # a part of the page, such as new log lines: none now
    template = "deployments/dags/absent.html"
    shown = {**context(request, deployment, is_busy=True), "absence": absence}
    return render.page(request, template, shown, regions={REGION})
