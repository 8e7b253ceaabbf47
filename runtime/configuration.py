"""From one Deployment's settings to the environment and commands of its Airflow. Pure.

Who gets which secret, as far as Airflow permits:

- The web process (api-server, webserver) alone gets the key that signs sessions of its pages and,
  on Airflow 2, the secret of its OpenID client. People are known by tokens that the console signs;
  every process gets the public key only, so none of them can make one.
- On Airflow 3 the scheduler signs the tokens that tasks show to the execution API and the
  api-server checks them, with one shared secret: both must have it. Under the Local executor a
  task is a child of the scheduler and can read it; what it opens is the execution API of the same
  Deployment, never its pages or its REST API. Celery workers do not get it.
- Every process needs the database and the key that encrypts connections.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from runtime.catalogue import RuntimeRelease
from runtime.reserved import reserved_reason
from runtime.settings import AirflowSettings, ComponentCommand, OidcSettings

EXECUTORS = {"LOCAL": "LocalExecutor", "CELERY": "CeleryExecutor"}
DEFAULT_QUEUE = "default"
BUNDLE_NAME = "deploy"

__all__ = [
    "AirflowSettings",
    "ComponentCommand",
    "OidcSettings",
    "airflow_environment",
    "components",
    "migrate_command",
]


def airflow_environment(
    release: RuntimeRelease, settings: AirflowSettings, *, python: Path
) -> dict[str, str]:
    """The whole process environment that all components share, for an otherwise empty one.

    The Deployment's own variables override every option that is not reserved. `python` is the
    interpreter of the environment that `environment.ensure` returned.
    """
    is_3 = release.airflow_major >= 3
    own = {
        name: value
        for name, value in settings.user_environment.items()
        if reserved_reason(name) is None
    }
    return {
        **_process_defaults(settings, python),
        **_option_defaults(settings),
        **(_defaults_3() if is_3 else _defaults_2()),
        **own,
        **_fixed(settings),
        **(_fixed_3(settings) if is_3 else _fixed_2(settings)),
        **(_fixed_celery(settings) if settings.executor == "CELERY" else {}),
    }


def components(
    release: RuntimeRelease, settings: AirflowSettings, *, python: Path
) -> tuple[ComponentCommand, ...]:
    """What to start; all may start together once the database is migrated."""
    commands = _components_3 if release.airflow_major >= 3 else _components_2
    worker = _worker(settings, python) if settings.executor == "CELERY" else ()
    return (*commands(settings, python), *worker)


def migrate_command(release: RuntimeRelease, *, python: Path) -> tuple[str, ...]:
    """Brings an empty or older database to this Airflow; run with `airflow_environment`."""
    del release  # the same for both majors
    return (*_airflow(python), "db", "migrate")


def _process_defaults(settings: AirflowSettings, python: Path) -> dict[str, str]:
    return {
        "PATH": f"{python.parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(settings.home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }


def _option_defaults(settings: AirflowSettings) -> dict[str, str]:
    """Both majors. Parallelism is small because Airflow 3 forks that many workers at start."""
    return _options(
        core={
            "load_examples": "False",
            "parallelism": str(settings.parallelism),
            # A DAG that changes twice within this time would show its first change only
            "min_serialized_dag_update_interval": "0",
            "min_serialized_dag_fetch_interval": "1",
        },
        usage_data_collection={"enabled": "False"},
    )


def _defaults_3() -> dict[str, str]:
    """Idle, the dag-processor only looks at file times: a deploy brings newer ones."""
    return _options(
        api={"workers": "1"},
        dag_processor={
            "parsing_processes": "2",
            "refresh_interval": "1",
            "bundle_refresh_check_interval": "1",
            "min_file_process_interval": "3600",
            "file_parsing_sort_mode": "modified_time",
            # A table of every file each 30 s would fill the component's log
            "print_stats_interval": "0",
        },
    )


def _defaults_2() -> dict[str, str]:
    return _options(
        webserver={"workers": "1"},
        scheduler={
            "parsing_processes": "1",
            # A switch of the deploy is seen within a second anyway
            "dag_dir_list_interval": "30",
            "min_file_process_interval": "3600",
            "file_parsing_sort_mode": "modified_time",
            "parsing_cleanup_interval": "10",
            "stale_dag_threshold": "10",
        },
    )


def _fixed(settings: AirflowSettings) -> dict[str, str]:
    current = settings.dags_root / "current"
    return {
        "AIRFLOW_HOME": str(settings.home),
        "PYTHONPATH": f"{settings.plugin_path}:{current}",
        "ASTRO_RUNTIME_DEPLOYMENT_ID": settings.deployment_id,
        "ASTRO_RUNTIME_VERSION": settings.runtime_version,
        "ASTRO_RUNTIME_DAGS_ROOT": str(settings.dags_root),
        "ASTRO_RUNTIME_CONSOLE_URL": settings.console_url,
        "ASTRO_RUNTIME_SIGN_IN_URL": settings.sign_in_url,
        "ASTRO_RUNTIME_IDENTITY_ISSUER": settings.identity_issuer,
        "ASTRO_RUNTIME_IDENTITY_KEY": str(settings.identity_public_key),
        **_options(
            core={
                "executor": EXECUTORS[settings.executor],
                "dags_folder": str(current / "dags"),
                "plugins_folder": str(current / "plugins"),
                "fernet_key": settings.fernet_key,
            },
            database={"sql_alchemy_conn": _driver_url(settings.database_url)},
            logging={"base_log_folder": str(settings.home / "logs")},
        ),
    }


def _fixed_3(settings: AirflowSettings) -> dict[str, str]:
    bundle = {"name": BUNDLE_NAME, "classpath": "astro_runtime.bundle.DeployBundle", "kwargs": {}}
    prefix = urlsplit(_with_slash(settings.base_url)).path
    return {
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
        **_options(
            core={
                "auth_manager": "astro_runtime.auth_manager.AstroAuthManager",
                # Tasks ask the api-server itself: their calls never pass the public door
                "execution_api_server_url": f"http://127.0.0.1:{settings.port}{prefix}execution/",
            },
            api={"base_url": _with_slash(settings.base_url), "instance_name": settings.namespace},
            dag_processor={
                "dag_bundle_config_list": json.dumps([bundle]),
                "dag_bundle_storage_path": str(settings.home / "dag_bundles"),
            },
        ),
    }


def _fixed_2(settings: AirflowSettings) -> dict[str, str]:
    return _options(
        api={"auth_backends": "astro_runtime.api_auth"},
        webserver={
            "base_url": settings.base_url.rstrip("/"),
            "config_file": str(settings.plugin_path / "astro_runtime" / "webserver_config.py"),
            "enable_proxy_fix": "True",
            "cookie_secure": str(settings.base_url.startswith("https:")),
            "instance_name": settings.namespace,
        },
    )


def _fixed_celery(settings: AirflowSettings) -> dict[str, str]:
    backend = settings.result_backend or f"db+{settings.database_url}"
    # A task that runs longer than this would be handed out twice
    transport = {"visibility_timeout": str(24 * 60 * 60)}
    if settings.broker_key_prefix:
        transport["global_keyprefix"] = settings.broker_key_prefix
    return _options(
        celery={
            "broker_url": settings.broker_url,
            "result_backend": backend,
            "worker_concurrency": str(settings.worker_concurrency),
        },
        celery_broker_transport_options=transport,
        operators={"default_queue": DEFAULT_QUEUE},
    )


def _components_3(settings: AirflowSettings, python: Path) -> Iterator[ComponentCommand]:
    """Logs are files that the api-server reads itself, so nobody serves them."""
    airflow = _airflow(python)
    port = str(settings.port)
    execution = _options(api_auth={"jwt_secret": settings.execution_secret})
    session = _options(api={"secret_key": settings.webserver_secret})
    web = ("api-server", "--host", "127.0.0.1", "--port", port, "--workers", "1", "--proxy-headers")
    yield ComponentCommand("api-server", (*airflow, *web), {**execution, **session})
    yield ComponentCommand("scheduler", (*airflow, "scheduler", "--skip-serve-logs"), execution)
    yield ComponentCommand("dag-processor", (*airflow, "dag-processor"))
    yield ComponentCommand("triggerer", (*airflow, "triggerer", "--skip-serve-logs"))


def _components_2(settings: AirflowSettings, python: Path) -> Iterator[ComponentCommand]:
    airflow = _airflow(python)
    web = ("webserver", "--hostname", "127.0.0.1", "--port", str(settings.port), "--workers", "1")
    secrets = _options(webserver={"secret_key": settings.webserver_secret})
    yield ComponentCommand("webserver", (*airflow, *web), {**secrets, **_oidc(settings.oidc)})
    scheduler = (str(python), "-m", "astro_runtime", "scheduler", "--skip-serve-logs")
    yield ComponentCommand("scheduler", scheduler)
    yield ComponentCommand("triggerer", (*airflow, "triggerer", "--skip-serve-logs"))


def _worker(settings: AirflowSettings, python: Path) -> tuple[ComponentCommand, ...]:
    argv = ("celery", "worker", "--queues", DEFAULT_QUEUE, "--skip-serve-logs")
    name = ("--celery-hostname", f"{settings.namespace}@%h")
    quiet = ("--without-gossip", "--without-mingle")
    return (ComponentCommand("worker", (*_airflow(python), *argv, *name, *quiet)),)


def _oidc(client: OidcSettings | None) -> dict[str, str]:
    if client is None:
        return {}
    return {
        "ASTRO_RUNTIME_OIDC_CLIENT_ID": client.client_id,
        "ASTRO_RUNTIME_OIDC_CLIENT_SECRET": client.client_secret,
        "ASTRO_RUNTIME_OIDC_DISCOVERY_URL": client.discovery_url,
    }


def _airflow(python: Path) -> tuple[str, ...]:
    return (str(python), "-m", "airflow")


def _with_slash(url: str) -> str:
    return url.rstrip("/") + "/"


def _driver_url(url: str) -> str:
    """Both majors import psycopg2; a bare `postgresql://` would say so only by default."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}+psycopg2://{rest}"


def _options(**sections: Mapping[str, str]) -> dict[str, str]:
    """Airflow options as the environment variables that set them."""
    return {
        f"AIRFLOW__{section.upper()}__{name.upper()}": value
        for section, options in sections.items()
        for name, value in options.items()
    }
