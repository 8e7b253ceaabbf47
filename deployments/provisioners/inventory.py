"""What a backend keeps, whoever wished for it: so that what nobody owns can be found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Holding:
    """Something that a backend keeps of one Deployment, whoever wished for it."""

    deployment_id: str
    owner: str = ""
    """`cluster_id` of the last specification; empty where none can be read."""
    generation: int = 0
    is_awake: bool = False
    """It runs, or is on the way to."""


@dataclass(frozen=True)
class Stray:
    """A process of a backend that belonged to no Deployment which it keeps."""

    pid: int
    command: str
    deployment_id: str
    """Which it names; empty where it names none."""
    found_at: datetime
    is_ended: bool = False


@dataclass(frozen=True)
class Inventory:
    holdings: tuple[Holding, ...] = ()
    strays: tuple[Stray, ...] = ()
