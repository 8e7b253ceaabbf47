"""Which published permission id each thing of Airflow's pages and REST API asks for.

Ids are those below `deployment.airflow.`. What is not listed is refused.
"""

from __future__ import annotations

from typing import Final

_READ: Final = frozenset(
    {
        "astronomer.get",
        "auditLog.get",
        "browseMenu.get",
        "clusterActivity.get",
        "customMenu.get",
        "dag.get",
        "dagCode.get",
        "dagDependencies.get",
        "dagRun.get",
        "datasets.get",
        "docs.get",
        "importError.get",
        "job.get",
        "slaMiss.get",
        "taskInstance.get",
        "taskLog.get",
        "taskReschedule.get",
        "trigger.get",
        "website.get",
    }
)
_RUN: Final = frozenset(
    {
        "dag.update",
        "dag.delete",
        "dagRun.create",
        "dagRun.update",
        "dagRun.delete",
        "taskInstance.create",
        "taskInstance.update",
        "taskInstance.delete",
    }
)
_OPERATE: Final = frozenset(
    {"adminMenu.get", "configMenu.get", "plugin.get", "provider.get", "xcom.get", "xcom.delete"}
    | {
        f"{thing}.{gesture}"
        for thing in ("connection", "pool", "variable")
        for gesture in ("get", "create", "update", "delete")
    }
)

ROLES: Final[dict[str, frozenset[str]]] = {
    "Viewer": _READ,
    "User": _READ | _RUN,
    "Op": _READ | _RUN | _OPERATE,
    "Admin": _READ | _RUN | _OPERATE,
    "Custom": frozenset(),
}
"""What a token without `permissions` may do. `Custom` is whoever holds no role of Airflow's."""

_GESTURES: Final = {"GET": "get", "POST": "create", "PUT": "update", "DELETE": "delete"}


def _whole(resource: str, thing: str) -> dict[tuple[str, str], str]:
    return {(resource, method): f"{thing}.{gesture}" for method, gesture in _GESTURES.items()}


REQUIRED: Final[dict[tuple[str, str], str]] = {
    ("CONFIGURATION", "GET"): "configMenu.get",
    **_whole("CONNECTION", "connection"),
    **_whole("POOL", "pool"),
    **_whole("VARIABLE", "variable"),
    ("DAG", "GET"): "dag.get",
    ("DAG", "PUT"): "dag.update",
    ("DAG", "DELETE"): "dag.delete",
    ("DAG.AUDIT_LOG", "GET"): "auditLog.get",
    ("DAG.CODE", "GET"): "dagCode.get",
    ("DAG.DEPENDENCIES", "GET"): "dagDependencies.get",
    ("DAG.HITL_DETAIL", "GET"): "taskInstance.get",
    ("DAG.HITL_DETAIL", "PUT"): "taskInstance.update",
    **_whole("DAG.RUN", "dagRun"),
    ("DAG.TASK", "GET"): "dag.get",
    **_whole("DAG.TASK_INSTANCE", "taskInstance"),
    ("DAG.TASK_LOGS", "GET"): "taskLog.get",
    ("DAG.VERSION", "GET"): "dag.get",
    ("DAG.WARNING", "GET"): "importError.get",
    ("DAG.XCOM", "GET"): "xcom.get",
    # No id for writing one is published: who may remove a value may replace it
    ("DAG.XCOM", "POST"): "xcom.delete",
    ("DAG.XCOM", "PUT"): "xcom.delete",
    ("DAG.XCOM", "DELETE"): "xcom.delete",
    ("ASSET", "GET"): "datasets.get",
    # An asset event starts DAG runs, a queued one is a run to come
    ("ASSET", "POST"): "dagRun.create",
    ("ASSET", "PUT"): "dagRun.update",
    ("ASSET", "DELETE"): "dagRun.delete",
    ("ASSET_ALIAS", "GET"): "datasets.get",
    ("VIEW.CLUSTER_ACTIVITY", "GET"): "clusterActivity.get",
    ("VIEW.DOCS", "GET"): "docs.get",
    ("VIEW.IMPORT_ERRORS", "GET"): "importError.get",
    ("VIEW.JOBS", "GET"): "job.get",
    ("VIEW.PLUGINS", "GET"): "plugin.get",
    ("VIEW.PROVIDERS", "GET"): "provider.get",
    ("VIEW.TRIGGERS", "GET"): "trigger.get",
    ("VIEW.WEBSITE", "GET"): "website.get",
    ("CUSTOM", "GET"): "customMenu.get",
}
"""(resource, method) → id."""

MENU: Final[dict[str, frozenset[str]]] = {
    "DAGS": frozenset({"dag.get"}),
    "ASSETS": frozenset({"datasets.get"}),
    "DEADLINES": frozenset({"browseMenu.get", "dag.get"}),
    "REQUIRED_ACTIONS": frozenset({"browseMenu.get", "taskInstance.get"}),
    "AUDIT_LOG": frozenset({"browseMenu.get", "auditLog.get"}),
    "JOBS": frozenset({"browseMenu.get", "job.get"}),
    "XCOMS": frozenset({"browseMenu.get", "xcom.get"}),
    "CONFIG": frozenset({"adminMenu.get", "configMenu.get"}),
    "CONNECTIONS": frozenset({"adminMenu.get", "connection.get"}),
    "PLUGINS": frozenset({"adminMenu.get", "plugin.get"}),
    "POOLS": frozenset({"adminMenu.get", "pool.get"}),
    "PROVIDERS": frozenset({"adminMenu.get", "provider.get"}),
    "VARIABLES": frozenset({"adminMenu.get", "variable.get"}),
    "DOCS": frozenset({"docs.get"}),
}
"""Menu entry of Airflow 3 → every id that it needs."""


def is_allowed(held: frozenset[str], resource: str, method: str) -> bool:
    required = REQUIRED.get((resource, method))
    return required is not None and required in held


def is_shown(held: frozenset[str], entry: str) -> bool:
    required = MENU.get(entry)
    return required is not None and required <= held


def has_effect(permission: str) -> bool:
    """Whether Airflow 3 ever asks for an id."""
    return permission in REQUIRED.values() or any(permission in needed for needed in MENU.values())
