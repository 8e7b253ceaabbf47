"""The list of DAGs; search, filters, order and pages are Airflow's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from access.permissions import Permission
from deployments.airflow import Airflow, Dag, DagRun, ImportError_
from deployments.airflow.client import LARGEST_PAGE
from deployments.models import Deployment
from deployments.views.dags.place import REGION, asks_airflow, context, page_number
from deployments.views.routes import PageRequest, page
from web import render
from web.lists import Filter, ListQuery, ListSpec

_SIZE = 25
_BARS = 14
_PAUSED = {"false": "Active", "true": "Paused"}
_STATES = {"success": "Success", "failed": "Failed", "running": "Running", "queued": "Queued"}
_SORTS = {
    2: {"name": "dag_id"},
    3: {"name": "dag_id", "last": "last_run_start_date", "next": "next_dagrun"},
}
"""By major version; Airflow 2 orders by name only and knows no filter by state."""


@dataclass(frozen=True)
class Row:
    dag: Dag
    runs: tuple[DagRun, ...]
    """Oldest first, for the bars."""

    @property
    def last(self) -> DagRun | None:
        return self.runs[-1] if self.runs else None


@dataclass(frozen=True)
class Rows:
    """One page of the list, in the form that c-pagination reads."""

    rows: tuple[Row, ...]
    next_url: str
    previous_url: str


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_DAG_GET)
def dags(request: PageRequest, deployment: Deployment, airflow: Airflow) -> HttpResponse:
    query = ListQuery(request, _spec(airflow, _known_tags(request, airflow)))
    number = page_number(request)
    listed = airflow.dags(limit=_SIZE, offset=(number - 1) * _SIZE, **_asked(query, airflow))
    rows = _rows(airflow, listed.dags)
    if airflow.major == 2:  # which cannot list its tags: offer those in sight
        seen = {tag for row in rows for tag in row.dag.tags} | set(query.chosen.get("tag", ()))
        query = ListQuery(request, _spec(airflow, sorted(seen)))
    is_busy = any(row.last and row.last.is_active for row in rows)
    has_more = number * _SIZE < listed.total
    shown = {
        **context(request, deployment, is_busy=is_busy),
        "query": query,
        "page": Rows(
            rows,
            next_url=query.url(page=number + 1) if has_more else "",
            previous_url=query.url(page=number - 1 if number > 2 else "") if number > 1 else "",
        ),
        "total": listed.total,
        "import_errors": _import_errors(request, deployment, airflow),
        "here": request.get_full_path(),
    }
    return render.page(request, "deployments/dags/list.html", shown, regions={REGION})


def _known_tags(request: PageRequest, airflow: Airflow) -> list[str]:
    return airflow.tags() if airflow.major > 2 else sorted(set(request.GET.getlist("tag")))


def _spec(airflow: Airflow, tags: Iterable[str]) -> ListSpec:
    offered = (
        Filter("state", "Last run", choices=_STATES if airflow.major > 2 else {}),
        Filter("paused", "Schedule", choices=_PAUSED),
        Filter("tag", "Tag", choices={tag: tag for tag in tags}),
    )
    return ListSpec(
        sorts=_SORTS[airflow.major],
        default_sort="name",
        filters=tuple(each for each in offered if each.choices),
    )


def _asked(query: ListQuery, airflow: Airflow) -> dict[str, Any]:
    """The list's address in Airflow's words."""
    chosen, sort = query.chosen, query.sort
    order = query.spec.sorts[sort.removeprefix("-")]
    asked: dict[str, Any] = {"order_by": f"-{order}" if sort.startswith("-") else order}
    if query.search:
        asked["dag_id_pattern"] = query.search
    if len(chosen.get("paused", ())) == 1:
        asked["paused"] = chosen["paused"][0]
    if tags := chosen.get("tag"):
        asked["tags"] = tags if airflow.major > 2 else ",".join(tags)
    if states := chosen.get("state"):
        asked["last_dag_run_state"] = states[0]
    return asked


def _rows(airflow: Airflow, dags: Sequence[Dag]) -> tuple[Row, ...]:
    runs = _latest(airflow, [dag.id for dag in dags])
    return tuple(Row(dag, tuple(reversed(runs[dag.id][:_BARS]))) for dag in dags)


def _latest(airflow: Airflow, dag_ids: list[str]) -> dict[str, list[DagRun]]:
    """The newest runs of each DAG, newest first, in at most three calls.

    A DAG that runs every minute may push others out of the common answer; those that were left
    without any run are asked for once more.
    """
    found: dict[str, list[DagRun]] = {dag_id: [] for dag_id in dag_ids}
    for offset in (0, LARGEST_PAGE):
        batch = airflow.latest_runs(dag_ids, offset=offset) if dag_ids else []
        _sort_in(found, batch)
        if len(batch) < LARGEST_PAGE:
            return found
    if missing := [dag_id for dag_id, runs in found.items() if not runs]:
        _sort_in(found, airflow.latest_runs(missing))
    return found


def _sort_in(found: dict[str, list[DagRun]], batch: Iterable[DagRun]) -> None:
    for run in batch:
        found[run.dag_id].append(run)


def _import_errors(
    request: PageRequest, deployment: Deployment, airflow: Airflow
) -> list[ImportError_]:
    may_see = Permission.DEPLOYMENT_AIRFLOW_IMPORT_ERROR_GET
    return airflow.import_errors() if request.actor.can(may_see, deployment) else []


urlpatterns = [page("deployments/<str:deployment_id>/dags/", dags, "dags")]
