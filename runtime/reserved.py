"""Environment variables that a Deployment cannot set itself, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_STORE = "The console gives each Deployment its own database and encryption key."
_DOOR = "The console decides how people reach and sign in to this Airflow."
_LOGS = "Logs stay where the console reads them."
_SIZE = "Follows the size and executor chosen for the Deployment."
_DEPLOY = "Deploys decide which code runs."
_QUEUE = "The console gives each Deployment its own message broker."
_METRICS = "The console collects the metrics."
_LINEAGE = "The console collects the lineage."
_PLATFORM = "The runtime sets it for its own use."

RESERVED_VARIABLES: Final[Mapping[str, str]] = {
    "AIRFLOW_HOME": _PLATFORM,
    "PYTHONPATH": _DEPLOY,
    "INSTANCE_TYPE": _PLATFORM,
    "FORWARDED_ALLOW_IPS": _DOOR,
    "AWS_DEFAULT_REGION": _PLATFORM,
    "AWS_SECRET_ACCESS_KEY": _PLATFORM,
    "OPENLINEAGE_URL": _LINEAGE,
    "OPENLINEAGE_API_KEY": _LINEAGE,
    "AIRFLOW_CONN_AIRFLOW_DB": _STORE,
    "AIRFLOW_CONN_ASTRO_S3_LOGGING": _LOGS,
    "AIRFLOW__CORE__SQL_ALCHEMY_CONN": _STORE,
    "AIRFLOW__CORE__FERNET_KEY": _STORE,
    "AIRFLOW__CORE__EXECUTOR": _SIZE,
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": _PLATFORM,
    "AIRFLOW__CORE__AUTH_MANAGER": _DOOR,
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": _DOOR,
    "AIRFLOW__CORE__DAGS_FOLDER": _DEPLOY,
    "AIRFLOW__CORE__PLUGINS_FOLDER": _DEPLOY,
    "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": _DEPLOY,
    "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": _DEPLOY,
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": _STORE,
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": _STORE,
    "AIRFLOW__KUBERNETES__NAMESPACE": _PLATFORM,
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER": _LOGS,
    "AIRFLOW__LOGGING__REMOTE_LOGGING": _LOGS,
    "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": _LOGS,
    "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": _LOGS,
    "AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS": _LOGS,
    "AIRFLOW__LOGGING__ENCRYPT_S3_LOGS": _LOGS,
    "AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET": _LOGS,
    "AIRFLOW__API__AUTH_BACKENDS": _DOOR,
    "AIRFLOW__API__BASE_URL": _DOOR,
    "AIRFLOW__API__SECRET_KEY": _DOOR,
    "AIRFLOW__API__INSTANCE_NAME": _PLATFORM,
    "AIRFLOW__WEBSERVER__BASE_URL": _DOOR,
    "AIRFLOW__WEBSERVER__CONFIG_FILE": _DOOR,
    "AIRFLOW__WEBSERVER__SECRET_KEY": _DOOR,
    "AIRFLOW__WEBSERVER__UPDATE_FAB_PERMS": _DOOR,
    "AIRFLOW__WEBSERVER__ENABLE_PROXY_FIX": _DOOR,
    "AIRFLOW__WEBSERVER__COOKIE_SECURE": _DOOR,
    "AIRFLOW__WEBSERVER__EXPOSE_CONFIG": _DOOR,
    "AIRFLOW__WEBSERVER__INSTANCE_NAME": _PLATFORM,
    "AIRFLOW__CELERY__BROKER_URL": _QUEUE,
    "AIRFLOW__CELERY__RESULT_BACKEND": _QUEUE,
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": _SIZE,
    "AIRFLOW__OPERATORS__DEFAULT_QUEUE": _SIZE,
}
"""Names that a person cannot set, with the reason."""

RESERVED_PREFIXES: Final[Mapping[str, str]] = {
    "ASTRO_RUNTIME_": _PLATFORM,
    "AIRFLOW__API_AUTH__": _DOOR,
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__": _QUEUE,
    "AIRFLOW__METRICS__STATSD_": _METRICS,
    "AIRFLOW__SCHEDULER__STATSD_": _METRICS,
}

_INDIRECT = ("_CMD", "_SECRET")
"""Airflow takes `OPTION_CMD` (a command) and `OPTION_SECRET` for many options."""


def reserved_reason(name: str) -> str | None:
    """Why nobody may set this variable; None when they may. Case does not matter."""
    wanted = name.upper()
    for suffix in ("", *_INDIRECT):
        if reason := RESERVED_VARIABLES.get(wanted.removesuffix(suffix)):
            return reason
    return next(
        (reason for prefix, reason in RESERVED_PREFIXES.items() if wanted.startswith(prefix)),
        None,
    )
