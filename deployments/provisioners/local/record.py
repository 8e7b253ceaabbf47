"""What the agent remembers of one Deployment: the wish, and how far it got."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock

from ..base import DeploymentSpec, Failure, StepReport
from ..wire import decode, encode

_SAVING = Lock()
"""Two threads that save must not overtake each other."""


class Goal(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"
    DELETED = "deleted"


@dataclass(frozen=True)
class TreeMark:
    """The supervisor of a process tree; with the start time, as process ids are reused."""

    pid: int
    started: int

    @property
    def name(self) -> tuple[int, int]:
        return self.pid, self.started


@dataclass(frozen=True)
class Secrets:
    """Made once for each Deployment and shared with no other."""

    database_password: str = field(repr=False)
    fernet_key: str = field(repr=False)
    execution_secret: str = field(repr=False)
    webserver_secret: str = field(repr=False)

    @classmethod
    def fresh(cls) -> Secrets:
        return cls(
            database_password=secrets.token_urlsafe(24),
            fernet_key=urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            execution_secret=secrets.token_urlsafe(48),
            webserver_secret=secrets.token_urlsafe(48),
        )


@dataclass
class Record:
    """Kept in `agent.json`; whatever dies, work goes on from here."""

    spec: DeploymentSpec
    secrets: Secrets
    goal: Goal = Goal.RUNNING
    is_settled: bool = False
    """The goal was reached, or was given up with `failure`."""
    uid: int = 0
    """Reserved for this Deployment; 0 when the agent is not root."""
    first_port: int = 0
    steps: tuple[StepReport, ...] = ()
    failure: Failure | None = None
    tree: TreeMark | None = None
    started_at: datetime | None = None
    started_with: str = ""
    """Fingerprint of the settings that the running tree was started with."""
    active_deploy: str = ""
    deploys: tuple[str, ...] = ()
    """Versions on disk, oldest first."""
    template: str = ""
    """From which migrated template the database was made; empty before."""
    is_isolated: bool = False

    @property
    def is_exposed(self) -> bool:
        """It runs, and not as a user of its own."""
        return self.tree is not None and not self.is_isolated

    @classmethod
    def load(cls, path: Path) -> Record:
        """Raises OSError or ValueError when the file is missing or damaged."""
        return decode(cls, json.loads(path.read_text(encoding="utf-8")))

    def save(self, path: Path, *, is_durable: bool = False) -> None:
        """Replace the file at once; readable by its owner only, since it holds secrets."""
        draft = path.with_suffix(".draft")
        with _SAVING:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(encode(self), file)
                if is_durable:
                    file.flush()
                    os.fsync(file.fileno())
            draft.replace(path)


def fingerprint(spec: DeploymentSpec) -> str:
    """Of everything that a running tree would have to be restarted for."""
    lasting = encode(replace(spec, deploy=None, generation=0))
    del lasting["cluster_id"]
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()
