"""One DAG: its runs, and its code."""

from __future__ import annotations

from django.http import HttpResponse

from access.permissions import Permission
from deployments.airflow import Airflow
from deployments.models import Deployment
from deployments.views.dags.place import (
    REGION,
    asks_airflow,
    context,
    deploy_numbers,
    page_number,
)
from deployments.views.routes import PageRequest, page
from web import render
from web.lists import Filter, ListQuery, ListSpec

_SIZE = 25
_STATES = {"success": "Success", "failed": "Failed", "running": "Running", "queued": "Queued"}
_RUNS = ListSpec(sorts={"newest": ""}, default_sort="newest", filters=(
    Filter("state", "State", choices=_STATES),
))  # fmt: skip


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_DAG_RUN_GET)
def dag(
    request: PageRequest, deployment: Deployment, airflow: Airflow, dag_id: str
) -> HttpResponse:
    """The DAG's facts and its runs, newest first."""
    query = ListQuery(request, _RUNS)
    number = page_number(request)
    found = airflow.runs(
        dag_id,
        limit=_SIZE + 1,
        offset=(number - 1) * _SIZE,
        states=query.chosen.get("state", ()),
    )
    runs = found[:_SIZE]
    numbers = deploy_numbers(request, deployment, (run.version for run in runs))
    shown = {
        **context(request, deployment, is_busy=any(run.is_active for run in runs)),
        "dag": airflow.dag(dag_id),
        "section": "runs",
        "query": query,
        "rows": [{"run": run, "deploy": numbers.get(run.version)} for run in runs],
        "bars": list(reversed(runs)),
        "next_url": query.url(page=number + 1) if len(found) > _SIZE else "",
        "previous_url": query.url(page=number - 1) if number > 1 else "",
        "here": request.get_full_path(),
    }
    return render.page(request, "deployments/dags/dag.html", shown, regions={REGION})


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_DAG_CODE_GET)
def code(
    request: PageRequest, deployment: Deployment, airflow: Airflow, dag_id: str
) -> HttpResponse:
    """The source of its file, as Airflow last parsed it."""
    found = airflow.dag(dag_id)
    shown = {
        **context(request, deployment, is_busy=False),
        "dag": found,
        "section": "code",
        "code": airflow.code(found),
        "here": request.get_full_path(),
    }
    return render.page(request, "deployments/dags/code.html", shown, regions={REGION})


urlpatterns = [
    page("deployments/<str:deployment_id>/dags/<str:dag_id>/", dag, "dag"),
    page("deployments/<str:deployment_id>/dags/<str:dag_id>/code/", code, "dag_code"),
]
