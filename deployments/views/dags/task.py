"""One task of a run with the log of each attempt: live, filtered, linked by line, to keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from deployments.airflow import Airflow, LogEntry, TaskInstance
from deployments.models import Deployment
from deployments.views.dags.place import REGION, asks_airflow, context
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import NotFound

SHOWN = 5000
"""Lines of a log on its page; the download has all."""
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class Line:
    """One line as the log component shows it; its number is its place in the whole log."""

    number: int
    text: str
    at: datetime | None
    level: str
    source: str = ""


@dataclass(frozen=True)
class Place:
    """Which attempt of which task the address names."""

    dag_id: str
    run_id: str
    task_id: str
    attempt: int
    map_index: int
    level: str

    @classmethod
    def of(cls, request: PageRequest, dag_id: str, run_id: str, task_id: str) -> Place:
        level = request.GET.get("level", "")
        return cls(
            dag_id,
            run_id,
            task_id,
            attempt=_number(request, "try", 0),
            map_index=_number(request, "map", -1),
            level=level if level in LEVELS else "",
        )


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_TASK_LOG_GET)
def task_log(
    request: PageRequest,
    deployment: Deployment,
    airflow: Airflow,
    dag_id: str,
    run_id: str,
    task_id: str,
) -> HttpResponse:
    """The viewer. An address without an attempt leads to the newest one, so that links last."""
    place = Place.of(request, dag_id, run_id, task_id)
    task = airflow.task(dag_id, run_id, task_id, map_index=place.map_index)
    if task.tries and not place.attempt:
        return redirect(f"{request.path}?{_words(request, attempt=task.tries)}")
    lines = _lines(airflow, place) if task.tries else []
    shown = {
        **context(request, deployment, is_busy=not task.tries),
        **_about(request, deployment, place, task, lines),
        "attempts": range(1, task.tries + 1),
        "levels": LEVELS,
    }
    return render.page(request, "deployments/dags/task.html", shown, regions={REGION})


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_TASK_LOG_GET)
def task_log_lines(
    request: PageRequest,
    deployment: Deployment,
    airflow: Airflow,
    dag_id: str,
    run_id: str,
    task_id: str,
) -> HttpResponse:
    """The lines after `after`, and the state of the task; it asks again until that is final."""
    place = Place.of(request, dag_id, run_id, task_id)
    after = _number(request, "after", 0)
    task = airflow.task(dag_id, run_id, task_id, map_index=place.map_index)
    lines = _lines(airflow, place) if place.attempt else []
    shown = {
        "deployment": deployment,
        **_about(request, deployment, place, task, lines),
        "lines": [line for line in lines if line.number > after],
    }
    return render.page(request, "deployments/dags/task_lines.html", shown)


@asks_airflow(Permission.DEPLOYMENT_AIRFLOW_TASK_LOG_GET)
def task_log_download(
    request: PageRequest,
    deployment: Deployment,
    airflow: Airflow,
    dag_id: str,
    run_id: str,
    task_id: str,
) -> HttpResponse:
    """The whole log of an attempt as text."""
    place = Place.of(request, dag_id, run_id, task_id)
    entries = airflow.log(
        dag_id, run_id, task_id, attempt=max(place.attempt, 1), map_index=place.map_index
    )
    text = "".join(f"{_as_text(entry)}\n" for entry in entries)
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = f"{dag_id}.{task_id}.{max(place.attempt, 1)}.log"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _about(
    request: PageRequest,
    deployment: Deployment,
    place: Place,
    task: TaskInstance,
    lines: list[Line],
) -> dict[str, object]:
    address = [deployment.pk, place.dag_id, place.run_id, place.task_id]
    words = _words(request, attempt=place.attempt)
    seen = lines[-1].number if lines else 0
    asks = f"{reverse('deployments:task_log_lines', args=address)}?{words}&after={seen}"
    return {
        "place": place,
        "task": task,
        "lines": lines[-SHOWN:],
        "hidden": max(len(lines) - SHOWN, 0),
        "lines_url": "" if task.is_over or place.attempt < task.tries else asks,
        "download_url": f"{reverse('deployments:task_log_download', args=address)}?{words}",
    }


def _lines(airflow: Airflow, place: Place) -> list[Line]:
    """Numbered before they are filtered; an attempt without a log yet has no lines."""
    try:
        entries = list(
            airflow.log(
                place.dag_id,
                place.run_id,
                place.task_id,
                attempt=place.attempt,
                map_index=place.map_index,
            )
        )
    except NotFound:
        return []
    lowest = LEVELS.index(place.level) if place.level else 0
    numbered = (
        Line(number, entry.text, entry.at, entry.level) for number, entry in enumerate(entries, 1)
    )
    return [line for line in numbered if _rank(line.level) >= lowest]


def _as_text(entry: LogEntry) -> str:
    parts = (entry.at.isoformat() if entry.at else "", entry.level, entry.text)
    return " ".join(part for part in parts if part)


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 1


def _number(request: PageRequest, name: str, default: int) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 8 else default


def _words(request: PageRequest, *, attempt: int) -> str:
    """The address's own words with the attempt said."""
    given = request.GET.copy()
    given["try"] = str(attempt)
    given.pop("after", None)
    return given.urlencode()


_TASK = "deployments/<str:deployment_id>/dags/<str:dag_id>/runs/<str:run_id>/tasks/<str:task_id>/"

urlpatterns = [
    page(_TASK, task_log, "task_log"),
    page(f"{_TASK}lines/", task_log_lines, "task_log_lines"),
    page(f"{_TASK}download/", task_log_download, "task_log_download"),
]
