"""What the agent must know of the software that it runs: the seam between keeping and Airflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ..base import DeploymentSpec
from .deploys import Change
from .nursery import Parent
from .programs import Program
from .record import Secrets
from .settings import Place

Log = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """One Deployment, ready to be configured."""

    spec: DeploymentSpec
    place: Place
    secrets: Secrets
    database_url: str = field(repr=False)
    first_port: int
    uid: int
    """The user to run as; 0 when the Deployment is not isolated."""


@dataclass(frozen=True)
class Health:
    """What the software says of itself."""

    answers: bool
    components: Mapping[str, bool] = field(default_factory=dict)
    """Only those whose heart is watched; a beat from before the start does not count."""


class Recipe(Protocol):
    """One way to run a Deployment. Raises ProvisionerError where something cannot be done."""

    @property
    def ports_per_deployment(self) -> int: ...

    def problems(self) -> list[str]:
        """What is wrong with this machine or its settings, with the remedy."""

    def is_built(self, spec: DeploymentSpec) -> bool: ...

    def build(self, spec: DeploymentSpec, log: Log) -> None:
        """Build what `programs` needs and all Deployments share."""

    def needs_to_read(self, spec: DeploymentSpec) -> tuple[Path, ...]:
        """What a Deployment's own user must be able to reach to be isolated at all."""

    def template(self, spec: DeploymentSpec) -> str:
        """The name of the migrated template database."""

    def migrate(self, plan: Plan, log: Log) -> None:
        """Bring the database at `plan.database_url` to this version."""

    def programs(self, plan: Plan) -> tuple[Program, ...]:
        """Write the configuration into the Deployment's home and say what to start."""

    def parent(self, plan: Plan) -> Parent | None:
        """The loaded process from which its tree may be forked; None for an ordinary start."""

    def usual_parents(self) -> tuple[Parent, ...]:
        """Those that are worth loading before anybody asks."""

    def health(self, plan: Plan, *, since: datetime) -> Health:
        """Ask the running software, within 3 s; never raises."""

    def announce(self, plan: Plan, change: Change) -> None:
        """Ask the running software to take up a switched deploy at once."""

    def unseen(self, plan: Plan, change: Change) -> list[str]:
        """Which changed files it has not taken up yet."""

    def deploys_in_use(self, plan: Plan) -> set[str]:
        """Versions that unfinished runs still need."""
