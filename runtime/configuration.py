"""From one Deployment's settings to the environment and commands of its Airflow. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.catalogue import RuntimeRelease


@dataclass(frozen=True)
class OidcSettings:
    """How an Airflow 2 signs people in: the console is its OpenID provider."""

    client_id: str
    client_secret: str = field(repr=False)
    discovery_url: str


@dataclass(frozen=True)
class AirflowSettings:
    """Everything that one Deployment's Airflow must be told."""

    deployment_id: str
    namespace: str
    runtime_version: str
    home: Path
    """AIRFLOW_HOME: writable by the Deployment's user, holds `logs/`."""
    dags_root: Path
    """Holds `deploys/<version>/` (each with `dags/`) and the link `current` to one of them."""
    plugin_path: Path
    """What `environment.install_plugin` returned."""
    database_url: str = field(repr=False)
    """`postgresql://user:password@host:port/name` or with `?host=/socket/folder`."""
    base_url: str
    """The public address, with or without a trailing slash."""
    console_url: str
    """The Deployment's page in the console."""
    port: int
    """Where the api-server or webserver listens, on 127.0.0.1."""
    worker_log_port: int
    """Serves the logs of Celery workers; nothing listens there under the Local executor."""
    identity_issuer: str
    identity_public_key: Path
    """A PEM file, readable by the Deployment's user."""
    sign_in_url: str
    fernet_key: str = field(repr=False)
    execution_secret: str = field(repr=False)
    """Signs what tasks show to the execution API (3.x); 2.x signs log requests with it."""
    webserver_secret: str = field(repr=False)
    """Signs sessions of web pages; only the api-server or webserver gets it."""
    executor: str = "LOCAL"
    """`LOCAL` or `CELERY`."""
    parallelism: int = 4
    broker_url: str = field(default="", repr=False)
    result_backend: str = field(default="", repr=False)
    worker_concurrency: int = 4
    oidc: OidcSettings | None = None
    user_environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The Deployment's own variables; a reserved name is ignored."""


@dataclass(frozen=True)
class ComponentCommand:
    """One process tree of an Airflow."""

    name: str
    """`api-server`, `webserver`, `scheduler`, `dag-processor`, `triggerer` or `worker`."""
    argv: tuple[str, ...]
    """Begins with the environment's own Python, given to `components`."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """To be added to `airflow_environment` for this component only: it may hold secrets."""


def airflow_environment(release: RuntimeRelease, settings: AirflowSettings) -> dict[str, str]:
    """The process environment that all components of one Airflow share."""
    raise NotImplementedError


def components(
    release: RuntimeRelease, settings: AirflowSettings, *, python: Path
) -> tuple[ComponentCommand, ...]:
    """What to start; all may start together once the database is migrated."""
    raise NotImplementedError


def migrate_command(release: RuntimeRelease, *, python: Path) -> tuple[str, ...]:
    """Brings an empty or older database to this Airflow; run with `airflow_environment`."""
    raise NotImplementedError


RESERVED_VARIABLES: Mapping[str, str] = {}
"""Names that a person cannot set, with the reason."""
