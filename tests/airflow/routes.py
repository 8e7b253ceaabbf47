from __future__ import annotations

from collections.abc import Mapping

from tests.architecture.routes import Route

_READ = {"anonymous": 302, "wanda": 200, "oliver": 200, "olivia": 200}
_RUN = ("etl", "airflow_dag", "airflow_run")
_TASK = (*_RUN, "airflow_task")


def _page(name: str, *args: str, statuses: Mapping[str, int] = _READ, method: str = "GET") -> Route:
    return Route(f"deployments:{name}", statuses, args=args, method=method)


def _gesture(name: str, *args: str, **data: str) -> Route:
    """Whoever may do it learns that this Airflow is not up yet."""
    statuses = {"anonymous": 302, "wanda": 409, "oliver": 409, "olivia": 409}
    return Route(f"deployments:{name}", statuses, args=args, method="POST", data=data)


ROUTES = [
    _page("dags", "etl"),
    _page("dag", "etl", "airflow_dag"),
    _page("dag_code", "etl", "airflow_dag"),
    _page("dag_trigger", "etl", "airflow_dag"),
    _page("dag_run", *_RUN),
    _page("dag_run_clear", *_RUN),
    _page("task_log", *_TASK),
    _page("task_log_lines", *_TASK),
    _page("task_log_download", *_TASK),
    _page("task_clear", *_TASK),
    _gesture("dag_pause", "etl", "airflow_dag", paused="true"),
    _gesture("dag_run_mark", *_RUN, state="success"),
    _gesture("task_mark", *_TASK, state="success"),
    _page("logs", "etl"),
    _page(
        "logs_lines",
        "etl",
        statuses={"anonymous": 302, "wanda": 204, "oliver": 204, "olivia": 204},
    ),
    _page("logs_download", "etl"),
]
