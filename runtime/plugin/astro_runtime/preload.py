"""Loading Airflow 3 once and becoming one of its components by a fork, in a fraction of the time.

`preload` runs in a process without secrets, sockets or threads. After a fork, when the child has
its own environment, `become` gives it its own configuration and starts what `airflow` would.

Some options are read while modules load: a child sees the parent's value of them. The console
knows which (`runtime.preloading`), and starts such a Deployment in the ordinary way.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

MODULES = (
    "airflow.__main__",
    "airflow.cli.cli_parser",
    "airflow.cli.commands.api_server_command",
    "airflow.cli.commands.dag_processor_command",
    "airflow.cli.commands.scheduler_command",
    "airflow.cli.commands.triggerer_command",
    "airflow.jobs.scheduler_job_runner",
    "airflow.jobs.dag_processor_job_runner",
    "airflow.jobs.triggerer_job_runner",
    "airflow.dag_processing.manager",
    "airflow.dag_processing.processor",
    "airflow.executors.local_executor",
    "airflow.executors.workloads",
    "airflow.models.dagbundle",
    "airflow.models.serialized_dag",
    "airflow.models.asset",
    "airflow.serialization.serialized_objects",
    "airflow.ti_deps.deps.trigger_rule_dep",
    "airflow.timetables.interval",
    "airflow.timetables.trigger",
    "airflow.providers_manager",
    "airflow.plugins_manager",
    "airflow.sdk.definitions.dag",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.execution_time.comms",
    "airflow.sdk.api.client",
    "airflow.providers.standard.operators.bash",
    "airflow.providers.standard.operators.python",
    "airflow.utils.log.file_task_handler",
    "airflow.api_fastapi.app",
    "airflow.api_fastapi.core_api.app",
    "airflow.api_fastapi.core_api.routes.public",
    "airflow.api_fastapi.core_api.routes.ui",
    "airflow.api_fastapi.execution_api.app",
    "airflow.api_fastapi.execution_api.routes",
    "airflow.api_fastapi.execution_api.versions",
    "astro_runtime.auth_manager",
    "astro_runtime.bundle",
    "astro_runtime.plugin",
    "asyncpg",
    "psycopg2.extensions",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.postgresql.psycopg2",
    "uvicorn.lifespan.on",
    "uvicorn.logging",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "encodings.idna",
)
"""What the four components load; a module that a version lacks is passed over."""


def preload() -> list[str]:
    """Load everything, and answer what could not be loaded."""
    missing = [name for name in MODULES if not _load(name)]
    cli_parser = importlib.import_module("airflow.cli.cli_parser")
    cli_parser.get_parser()
    importlib.import_module("airflow.settings").dispose_orm(do_log=False)
    return missing


def become(argv: Sequence[str]) -> None:
    """Become `airflow <argv>` with the settings that the environment now holds."""
    _configure()
    sys.argv = ["airflow", *argv]
    importlib.import_module("airflow.__main__").main()


def _load(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def _configure() -> None:
    """Read the configuration anew, in place: many modules hold the objects themselves."""
    core = importlib.import_module("airflow.configuration")
    core.AIRFLOW_HOME = core.get_airflow_home()
    core.AIRFLOW_CONFIG = core.get_airflow_config(core.AIRFLOW_HOME)
    _replace(core.conf, core.initialize_config())
    core.secrets_backend_list = core.initialize_secrets_backends()
    sdk = importlib.import_module("airflow.sdk.configuration")
    if "conf" in vars(sdk):
        _replace(sdk.conf, sdk.initialize_config())
    settings = importlib.import_module("airflow.settings")
    settings.AIRFLOW_HOME = core.AIRFLOW_HOME
    _move("DAGS_FOLDER", settings.DAGS_FOLDER, core.conf.get("core", "dags_folder"))
    bundles = importlib.import_module("airflow.dag_processing.bundles.base")
    tracking = bundles.get_bundle_storage_root_path() / "_tracking"
    _move("STALE_BUNDLE_TRACKING_FOLDER", bundles.STALE_BUNDLE_TRACKING_FOLDER, tracking)
    sys.modules.pop("airflow.config_templates.airflow_local_settings", None)  # holds log folders
    settings.initialize()


def _move(name: str, old: object, new: object) -> None:
    """Give a constant its new value in every module that took it over by name."""
    for module in list(sys.modules.values()):
        if module is not None and vars(module).get(name) == old:
            setattr(module, name, new)


def _replace(known: object, fresh: object) -> None:
    vars(known).clear()
    vars(known).update(vars(fresh))
