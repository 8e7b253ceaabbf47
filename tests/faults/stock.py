"""Deployments kept from one round for the next, each in the state that an operation begins from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_hex

from tests.faults.cells import NEEDS
from tests.faults.world import SETTLE_SECONDS, World


@dataclass(frozen=True)
class Kind:
    """What stands for Airflow."""

    settings: dict[str, object]
    """Of new Deployments."""
    files: dict[str, str]
    """In each deploy, beside a file that makes it differ."""
    start_tasks: Callable[[World, str], None] | None = None
    """They come with the files; otherwise whatever runs has some."""
    are_tasks_up: Callable[[World, str], bool] = lambda _world, _deployment_id: True
    patience_seconds: float = SETTLE_SECONDS
    """Within which an operation that was struck comes to its end."""
    long_steps: frozenset[str] = frozenset()
    """They can be struck in their middle, after their gate was opened."""


class Stock:
    def __init__(self, world: World, kind: Kind) -> None:
        self._world = world
        self._kind = kind
        self._pools: dict[str, list[str]] = {"awake": [], "asleep": [], "new": []}
        """`new` are awake and were never deployed to: enough for a deletion without tasks."""

    def take(self, operations: Sequence[str]) -> list[str]:
        """A Deployment for each operation; an empty name for what begins with nothing."""
        needs = [self._need(name) for name in operations]
        wanted = {state: needs.count(state) for state in ("awake", "asleep")}
        missing = sum(wanted.values()) - len(self._pools["awake"]) - len(self._pools["asleep"])
        self._fill(self._make(missing))
        self._move("awake", "asleep", wanted["asleep"])
        self._move("asleep", "awake", wanted["awake"])
        return [self._pools[need].pop() if need in self._pools else "" for need in needs]

    def keep(self, operation: str, deployment_id: str) -> None:
        """Take back what has gone through its operation; a cheap one too many is deleted."""
        if operation == "hibernate":
            self._pools["asleep"].append(deployment_id)
        elif operation == "create" and self._pools["new"] and not self._kind.start_tasks:
            self._world.delete(deployment_id)
        elif operation == "create":
            self._pools["new"].append(deployment_id)
        elif operation != "delete":
            self._pools["awake"].append(deployment_id)

    def deploy(self, deployment_id: str) -> None:
        new = {f"dag_{token_hex(4)}": "x = 1"}
        self._world.deploy(deployment_id, **self._kind.files, **new)

    def _need(self, operation: str) -> str:
        is_enough = operation == "delete" and self._pools["new"] and not self._kind.start_tasks
        return "new" if is_enough else NEEDS[operation]

    def _make(self, missing: int) -> list[str]:
        """So many that were never deployed to; where those cost more, none beyond that is left."""
        missing, new = max(missing, 0), self._pools["new"]
        made: list[str] = []
        if self._kind.start_tasks:
            made, spare, self._pools["new"] = new[:missing], new[missing:], []
            for each in spare:
                self._world.delete(each)
            self._world.settle(spare, "DELETED")
        made += [self._world.create(**self._kind.settings) for _ in range(missing - len(made))]
        self._world.settle(made, "HEALTHY")
        return made

    def _fill(self, made: Sequence[str]) -> None:
        """Two versions, so that there is something to roll back to."""
        for _ in range(2):
            for each in made:
                self.deploy(each)
            self._world.settle(made, "HEALTHY")
        self._pools["awake"] += made

    def _move(self, source: str, target: str, wanted: int) -> None:
        """Until so many are in the target."""
        count = max(wanted - len(self._pools[target]), 0)
        moved = [self._pools[source].pop() for _ in range(count)]
        for each in moved:
            self._world.rest(each, asleep=target == "asleep")
        self._world.settle(moved, "HIBERNATING" if target == "asleep" else "HEALTHY")
        self._pools[target] += moved
