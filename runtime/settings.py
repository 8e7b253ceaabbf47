"""What one Deployment's Airflow must be told, and what has to be started for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


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
    """Holds `deploys/<version>/` (each with `dags/`), the link `current` to one of them, and
    `labels/<version>`: what a person calls that deploy, as plain text."""
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
    """Kept for Celery workers on other machines; nothing listens there now."""
    identity_issuer: str
    identity_public_key: Path
    """A PEM file, readable by the Deployment's user."""
    sign_in_url: str
    """Without a query: Airflow appends `?next=`."""
    fernet_key: str = field(repr=False)
    execution_secret: str = field(repr=False)
    """Signs what tasks show to the execution API; unused on Airflow 2."""
    webserver_secret: str = field(repr=False)
    """Signs sessions of web pages."""
    executor: str = "LOCAL"
    """`LOCAL` or `CELERY`."""
    parallelism: int = 4
    broker_url: str = field(default="", repr=False)
    broker_key_prefix: str = ""
    """Begins each of this Deployment's Redis keys, so that an access rule can name them."""
    result_backend: str = field(default="", repr=False)
    """Empty: the Deployment's own database."""
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
    """The environment's Python, `-m airflow` (Airflow 2's scheduler: `-m astro_runtime`), and the
    command."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """To be added to `airflow_environment` for this component only: it may hold secrets."""
