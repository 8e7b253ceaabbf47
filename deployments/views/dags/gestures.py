"""What can be done to DAGs, runs and tasks; the rules are in deployments.services.dags."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from access.permissions import Permission
from deployments import queries
from deployments.airflow import Airflow, AirflowRefused
from deployments.models import Deployment
from deployments.services import dags as services
from deployments.views.dags.place import REGION, asks_airflow, context
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import InvalidInput


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_DAG_GET)
def dag_trigger(
    request: PageRequest, deployment: Deployment, airflow: Airflow, dag_id: str
) -> HttpResponse:
    """Start a run, with a configuration where one is typed; then show it."""
    shown = {
        **context(request, deployment, is_busy=False),
        "dag": airflow.dag(dag_id),
        "conf": request.POST.get("conf", ""),
    }
    if request.method != "POST":
        return render.page(request, "deployments/dags/trigger.html", shown, regions={REGION})
    try:
        conf = services.parse_conf(shown["conf"])
        run = services.trigger_dag(deployment, dag_id=dag_id, conf=conf, actor=request.actor)
    except (InvalidInput, AirflowRefused) as error:
        shown["error"] = error
        return render.page(request, "deployments/dags/trigger.html", shown, status=422)
    messages.success(request, f"{dag_id} was triggered.")
    return redirect("deployments:dag_run", deployment.pk, dag_id, run.run_id)


@require_POST
def dag_pause(request: PageRequest, deployment_id: str, dag_id: str) -> HttpResponse:
    """Let the schedule rest, or go on; then back to where the switch was."""
    deployment = queries.deployment(request.actor, deployment_id)
    is_paused = request.POST.get("paused") == "true"
    services.set_dag_paused(deployment, dag_id=dag_id, is_paused=is_paused, actor=request.actor)
    messages.success(
        request, f"{dag_id} is paused." if is_paused else f"{dag_id} runs by its schedule again."
    )
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("deployments:dags", deployment_id)


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_TASK_INSTANCE_UPDATE)
def clear_run(
    request: PageRequest, deployment: Deployment, airflow: Airflow, dag_id: str, run_id: str
) -> HttpResponse:
    """First what would run again, then let it."""
    only_failed = request.GET.get("only_failed") == "on"
    if request.method == "POST":
        only_failed = request.POST.get("only_failed") == "on"
        services.clear_dag_run(
            deployment, dag_id=dag_id, run_id=run_id, only_failed=only_failed, actor=request.actor
        )
        return redirect("deployments:dag_run", deployment.pk, dag_id, run_id)
    tasks = airflow.clear(dag_id, run_id, only_failed=only_failed, is_preview=True)
    shown = {
        **context(request, deployment, is_busy=False),
        "dag_id": dag_id,
        "run_id": run_id,
        "task_id": "",
        "only_failed": only_failed,
        "tasks": tasks,
    }
    return render.page(request, "deployments/dags/clear.html", shown, regions={REGION})


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_TASK_INSTANCE_UPDATE)
def clear_task(
    request: PageRequest,
    deployment: Deployment,
    airflow: Airflow,
    dag_id: str,
    run_id: str,
    task_id: str,
) -> HttpResponse:
    """The same for one task and all that follows it."""
    if request.method == "POST":
        services.clear_task(
            deployment, dag_id=dag_id, run_id=run_id, task_id=task_id, actor=request.actor
        )
        return redirect("deployments:dag_run", deployment.pk, dag_id, run_id)
    shown = {
        **context(request, deployment, is_busy=False),
        "dag_id": dag_id,
        "run_id": run_id,
        "task_id": task_id,
        "tasks": airflow.clear(dag_id, run_id, task_id=task_id, is_preview=True),
    }
    return render.page(request, "deployments/dags/clear.html", shown, regions={REGION})


@require_POST
def mark_run(request: PageRequest, deployment_id: str, dag_id: str, run_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    state = request.POST.get("state", "")
    services.mark_dag_run(
        deployment, dag_id=dag_id, run_id=run_id, state=state, actor=request.actor
    )
    return redirect("deployments:dag_run", deployment_id, dag_id, run_id)


@require_POST
def mark_task(
    request: PageRequest, deployment_id: str, dag_id: str, run_id: str, task_id: str
) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    given = request.POST.get("map", "")
    services.mark_task(
        deployment,
        dag_id=dag_id,
        run_id=run_id,
        task_id=task_id,
        state=request.POST.get("state", ""),
        map_index=int(given) if given.isdecimal() else -1,
        actor=request.actor,
    )
    return redirect("deployments:dag_run", deployment_id, dag_id, run_id)


_DAG = "deployments/<str:deployment_id>/dags/<str:dag_id>/"
_RUN = f"{_DAG}runs/<str:run_id>/"
_TASK = f"{_RUN}tasks/<str:task_id>/"

urlpatterns = [
    page(f"{_DAG}trigger/", dag_trigger, "dag_trigger"),
    page(f"{_DAG}pause/", dag_pause, "dag_pause"),
    page(f"{_RUN}clear/", clear_run, "dag_run_clear"),
    page(f"{_RUN}mark/", mark_run, "dag_run_mark"),
    page(f"{_TASK}clear/", clear_task, "task_clear"),
    page(f"{_TASK}mark/", mark_task, "task_mark"),
]
