"""What each published id is worth in Airflow 2: actions on Flask-AppBuilder's resources.

Ids are those below `deployment.airflow.`. Airflow 2 asks for the right to edit a DAG before it lets
one write its runs and tasks, so `dagRun.*` and `taskInstance.*` write nothing without `dag.update`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_Rights = tuple[tuple[str, str], ...]
_GESTURES: Final = {
    "get": "can_read",
    "create": "can_create",
    "update": "can_edit",
    "delete": "can_delete",
}


def _page(resource: str) -> _Rights:
    return (("can_read", resource), ("menu_access", resource))


def _whole(thing: str, resource: str) -> dict[str, _Rights]:
    """All four gestures; who may read it also finds it in the menu."""
    found = {f"{thing}.{name}": ((action, resource),) for name, action in _GESTURES.items()}
    return found | {f"{thing}.get": _page(resource)}


GIVES: Final[dict[str, _Rights]] = {
    "adminMenu.get": (("menu_access", "Admin"),),
    "auditLog.get": _page("Audit Logs"),
    "browseMenu.get": (("menu_access", "Browse"),),
    "clusterActivity.get": _page("Cluster Activity"),
    "configMenu.get": _page("Configurations"),
    **_whole("connection", "Connections"),
    "dag.get": _page("DAGs"),
    "dag.update": (("can_edit", "DAGs"),),
    "dag.delete": (("can_delete", "DAGs"),),
    "dagCode.get": (("can_read", "DAG Code"),),
    "dagDependencies.get": _page("DAG Dependencies"),
    **_whole("dagRun", "DAG Runs"),
    # An event of a dataset starts DAG runs, a queued one is a run to come
    "dagRun.create": (("can_create", "DAG Runs"), ("can_create", "Datasets")),
    "dagRun.delete": (("can_delete", "DAG Runs"), ("can_delete", "Datasets")),
    "datasets.get": _page("Datasets"),
    "docs.get": (("menu_access", "Documentation"), ("menu_access", "Docs")),
    "importError.get": (("can_read", "ImportError"), ("can_read", "DAG Warnings")),
    "job.get": _page("Jobs"),
    "plugin.get": _page("Plugins"),
    **_whole("pool", "Pools"),
    "provider.get": _page("Providers"),
    "slaMiss.get": _page("SLA Misses"),
    **_whole("taskInstance", "Task Instances"),
    "taskLog.get": (("can_read", "Task Logs"),),
    "taskReschedule.get": _page("Task Reschedules"),
    "trigger.get": _page("Triggers"),
    **_whole("variable", "Variables"),
    "website.get": (("can_read", "Website"),),
    "xcom.get": _page("XComs"),
    "xcom.delete": (("can_delete", "XComs"),),
}
"""What is not listed has no counterpart in Airflow 2."""


LEFT_TO_ADMIN: Final = frozenset({"auditLog.get", "taskReschedule.get", "trigger.get"})
"""What Airflow 2's own Viewer, User and Op lack, and ours have."""


def rights(ids: Iterable[str]) -> list[tuple[str, str]]:
    """Actions on resources that ids give together, without repetition."""
    return sorted({right for each in ids for right in GIVES.get(each, ())})
