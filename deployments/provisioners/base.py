"""The contract between the console and whatever runs an Airflow.

A provisioner turns a frozen wish (`DeploymentSpec`) into a running Airflow and reports what it
sees. It knows nothing of Django, the database or people. Every method is idempotent: the
reconciler may call it again at any time, from any process, after any crash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from .inventory import Inventory

State = Mapping[str, Any]
"""Opaque JSON that a provisioner hands out and gets back; the console stores it unread."""


class Executor(StrEnum):
    LOCAL = "LOCAL"
    CELERY = "CELERY"


class Phase(StrEnum):
    """What a whole Deployment is doing, as one word."""

    ABSENT = "absent"
    WORKING = "working"
    RUNNING = "running"
    DEGRADED = "degraded"
    STOPPED = "stopped"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


class StepState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Capability(StrEnum):
    """What a backend can do beyond the contract; pages offer only what is declared."""

    TASK_LOGS = "task_logs"
    COMPONENT_LOGS = "component_logs"


@dataclass(frozen=True)
class EnvironmentVariable:
    key: str
    value: str = field(repr=False)
    is_secret: bool = False


@dataclass(frozen=True)
class OidcClient:
    """How an Airflow 2 signs people in: the console is its OpenID provider."""

    client_id: str
    client_secret: str = field(repr=False)
    discovery_url: str


@dataclass(frozen=True)
class Identity:
    """Whom an Airflow believes: tokens that the console signed with this key.

    The console attaches to each request `Authorization: Bearer <JWT>`, signed with Ed25519
    (`alg: EdDSA`), with `iss` = issuer, `aud` = the Deployment id, `sub`, `email`, `name`,
    `role` (Admin, Op, User, Viewer), `permissions` (published ids below `deployment.airflow.`,
    for example `dag.get`), `iat` and `exp` (at most 60 s later).
    """

    issuer: str
    public_key_pem: str
    sign_in_url: str
    """Where an Airflow sends somebody whom it does not know."""


@dataclass(frozen=True)
class DeploySource:
    """One immutable version of a project, unpacked on this machine's disk."""

    version: str
    """The deploy's id; Airflow 3 shows it as the bundle version of each run."""
    path: Path
    """A folder that holds `dags/` and, where the project has them, `plugins/` and `include/`."""
    label: str = ""
    """What Airflow shows in its footer, for example `deploy #41`."""


@dataclass(frozen=True)
class DeploymentSpec:
    """Everything a backend needs to know to run one Deployment."""

    deployment_id: str
    organization_id: str
    namespace: str
    """Unique, lower case, `adjective-noun-1234`; a DNS label."""
    generation: int
    """Grows with every change of the wish; a backend refuses to go back."""
    runtime_version: str
    executor: Executor
    scheduler_size: str
    parallelism: int
    base_url: str
    """The public address of this Airflow, with a trailing slash."""
    console_url: str
    """The Deployment's page in the console, linked from Airflow's own pages."""
    identity: Identity
    environment: tuple[EnvironmentVariable, ...] = ()
    oidc: OidcClient | None = None
    deploy: DeploySource | None = None
    cluster_id: str = ""
    """Of the console's row: another console's database, or an emptied one, has another id."""


@dataclass(frozen=True)
class StepReport:
    """One named step of the work under way, as a person reads it."""

    name: str
    """Stable identifier, for example `build-environment`."""
    label: str
    """A sentence fragment, for example `Build the Python environment`."""
    state: StepState
    started_at: datetime | None = None
    finished_at: datetime | None = None
    detail: str = ""
    log: str = ""
    """The newest 20,000 characters that the step printed."""


@dataclass(frozen=True)
class Component:
    name: str
    """`api-server`, `webserver`, `scheduler`, `dag-processor`, `triggerer`, `worker`, …"""
    is_healthy: bool
    detail: str = ""
    restarts: int = 0


@dataclass(frozen=True)
class Failure:
    """Why it cannot go on: what happened, and what a person does next."""

    cause: str
    remedy: str
    is_permanent: bool
    """True: the same wish fails again until somebody changes something."""


@dataclass(frozen=True)
class Observation:
    """What runs now. `generation` is that of the spec which the report is about."""

    phase: Phase
    generation: int = 0
    steps: tuple[StepReport, ...] = ()
    components: tuple[Component, ...] = ()
    failure: Failure | None = None
    endpoint: str = ""
    """Where the console reaches this Airflow's web server, without a trailing slash."""
    endpoint_uid: int = 0
    """The user of this machine that listens there; 0 where it has none of its own."""
    active_deploy: str = ""
    """The version that Airflow now serves; empty before the first."""
    state: State = field(default_factory=dict)


@dataclass(frozen=True)
class LogQuery:
    """Which component log lines: newest `limit` of those that match."""

    components: tuple[str, ...] = ()
    search: str = ""
    """Case-insensitive substring."""
    minimum_level: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Both ends belong to the range; a line without a time lies in none."""
    after: str = ""
    """The cursor of the last line already seen; only later ones are answered."""
    limit: int = 500


@dataclass(frozen=True)
class LogLine:
    cursor: str
    at: datetime | None
    component: str
    level: str
    text: str


class ProvisionerError(Exception):
    """A backend refused or broke. `permanent` means that trying again changes nothing."""

    def __init__(self, cause: str, *, remedy: str = "", permanent: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
        self.permanent = permanent


class Provisioner(Protocol):
    """What every backend promises; `tests/contracts/` holds each of them to it."""

    capabilities: frozenset[Capability]
    deadline: timedelta
    """How long one `apply` may work before the console calls it failed."""

    def check(self) -> list[str]:
        """Name each problem of this backend's settings, with its remedy; empty when fit.

        `Error: …` forbids to run anything; `Warning: …` tells what does not hold.
        """

    def exposure(self) -> str:
        """Why Deployments here are not isolated from each other and from the console, and how
        they would be; empty where they are.

        Answers within 4 s. Raises ProvisionerError where nobody can say.
        """

    def address(self, deployment_id: str) -> State:
        """The state of a Deployment of which no `apply` has been written down.

        A caller may have died right after `apply`: with this what it began can be taken down.
        """

    def apply(self, spec: DeploymentSpec, state: State) -> State:
        """Start to bring the Deployment to `spec`: create, change, wake or switch the deploy.

        Idempotent, and returns within 2 s, long before the Deployment is healthy: `observe`
        tells how it goes. The same spec again resumes or retries what failed. A change of
        `deploy` alone restarts nothing. A spec of an older generation is refused.
        """

    def observe(self, state: State) -> Observation:
        """Report what runs now, without changing it.

        Answers within 5 s. A silent backend is `UNREACHABLE`, never an error.
        """

    def stop(self, state: State, *, generation: int) -> State:
        """Hibernate: end every process, keep all data. Already stopped is success.

        Returns within 2 s; `observe` tells when it is STOPPED. The newest wish wins: an `apply`
        or `stop` in the middle of work ends that work, and one of an older generation, from a
        caller that was overtaken, is refused.
        """

    def delete(self, state: State, *, generation: int) -> State:
        """Take it down and retain its data: `apply` brings it back, `purge` removes it.

        Returns within 2 s; `observe` tells when it is ABSENT. Already gone is success. An older
        generation is refused.
        """

    def purge(self, state: State) -> None:
        """Remove every trace: files, databases, roles. Already gone is success.

        Also what a purge that was interrupted left, of which nothing else is known. Takes it down
        first where that has not been done. Returns when all is gone, within 75 s;
        raises ProvisionerError(permanent=False) when it is not.
        """

    def inventory(self) -> Inventory:
        """All that this backend keeps, and the processes that it ended because nobody did.

        Raises ProvisionerError when it cannot be asked.
        """

    def logs(self, state: State, query: LogQuery) -> Iterator[LogLine]:
        """Component log lines, oldest first, at most `query.limit`."""
