"""One run of a DAG: its facts and its tasks."""

from __future__ import annotations

import json

from django.http import HttpResponse

from access.permissions import Permission
from deployments.airflow import Airflow, Dag
from deployments.models import Deployment
from deployments.views.dags.place import REGION, asks_airflow, context, deploy_numbers
from deployments.views.routes import PageRequest, page
from web import render


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_TASK_INSTANCE_GET)
def dag_run(
    request: PageRequest, deployment: Deployment, airflow: Airflow, dag_id: str, run_id: str
) -> HttpResponse:
    run = airflow.run(dag_id, run_id)
    numbers = deploy_numbers(request, deployment, [run.version])
    shown = {
        **context(request, deployment, is_busy=run.is_active),
        "run": run,
        "dag_id": dag_id,
        "paused": _paused(airflow, dag_id) if run.state == "queued" else None,
        "here": request.get_full_path(),
        "deploy": numbers.get(run.version),
        "conf": json.dumps(dict(run.conf), indent=2, ensure_ascii=False) if run.conf else "",
        "tasks": airflow.tasks(dag_id, run_id),
    }
    return render.page(request, "deployments/dags/run.html", shown, regions={REGION})


def _paused(airflow: Airflow, dag_id: str) -> Dag | None:
    """The DAG, where its schedule rests: Airflow leaves its runs queued until it goes on."""
    dag = airflow.dag(dag_id)
    return dag if dag.is_paused else None


urlpatterns = [
    page("deployments/<str:deployment_id>/dags/<str:dag_id>/runs/<str:run_id>/", dag_run, "dag_run")
]
