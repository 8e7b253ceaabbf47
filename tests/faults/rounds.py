"""Runs cells side by side: each on a Deployment of its own, all struck at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import psycopg

from astro_ui.bench.waiting import until
from deployments.provisioners.base import StepReport, StepState
from tests.faults import faults, promises
from tests.faults.cells import ENDS, NEEDS, Cell, is_local
from tests.faults.listener import Listener
from tests.faults.world import World

SETTLE_SECONDS = 120.0
_STARTED = frozenset({StepState.RUNNING, StepState.DONE, StepState.FAILED})


@dataclass(frozen=True)
class Result:
    cell: Cell
    is_kept: bool
    detail: str
    seconds: float


@dataclass
class Run:
    """One cell under way."""

    cell: Cell
    deployment_id: str = ""
    before: dict[str, object] = field(default_factory=dict)
    """When each step of the former work began."""
    was_hit: bool = True


@dataclass(frozen=True)
class Kind:
    """What stands for Airflow."""

    settings: dict[str, object]
    """Of new Deployments."""
    is_gated: bool
    """Its steps can be held up; otherwise they are caught as they pass."""
    files: dict[str, str]
    """In each deploy, beside a file that makes it differ."""
    start_tasks: Callable[[World, str], None] = lambda _world, _deployment_id: None


STANDIN = Kind({}, is_gated=True, files={})


class Rounds:
    """Keeps Deployments from one round for the next."""

    def __init__(self, world: World, *, kind: Kind) -> None:
        self._world = world
        self._settings = kind.settings
        self._is_gated = kind.is_gated
        self._kind = kind
        self._awake: list[str] = []
        self._asleep: list[str] = []

    def run(self, cells: Sequence[Cell]) -> Iterator[Result]:
        """All cells of one fault at once; yields what became of each."""
        runs = [Run(cell) for cell in cells]
        self._prepare(runs)
        for run in runs:
            self._begin(run)
        for run in runs:
            self._await_step(run)
        watched = runs[0]
        with Listener(self._world, watched.deployment_id) as page:
            began = time.monotonic()
            self._strike(runs)
            for run in runs:
                self._open(run)
            for run in runs:
                yield self._judge(run, began, page if run is watched else None)

    def _open(self, run: Run) -> None:
        self._gate(run).unlink(missing_ok=True)
        (self._world.place(run.deployment_id).home / "hold-stop").unlink(missing_ok=True)

    # Before

    def _prepare(self, runs: Sequence[Run]) -> None:
        """Deployments in the state that each operation begins from."""
        awake = sum(NEEDS[run.cell.operation] == "awake" for run in runs)
        asleep = sum(NEEDS[run.cell.operation] == "asleep" for run in runs)
        missing = awake + asleep - len(self._awake) - len(self._asleep)
        made = [self._world.create(**self._settings) for _ in range(missing)]
        self._settle(made, "HEALTHY")
        self._stock(made)
        self._move(self._awake, self._asleep, asleep - len(self._asleep), asleep=True)
        self._move(self._asleep, self._awake, awake - len(self._awake), asleep=False)
        for run in runs:
            if NEEDS[run.cell.operation] != "nothing":
                pool = self._awake if NEEDS[run.cell.operation] == "awake" else self._asleep
                run.deployment_id = pool.pop()

    def _stock(self, made: Sequence[str]) -> None:
        """Two versions, so that there is something to roll back to."""
        for _ in range(2):
            for each in made:
                self._deploy(each)
            self._settle(made, "HEALTHY")
        self._awake += made

    def _move(self, source: list[str], target: list[str], count: int, *, asleep: bool) -> None:
        moved = [source.pop() for _ in range(max(count, 0))]
        for each in moved:
            self._world.rest(each, asleep=asleep)
        self._settle(moved, "HIBERNATING" if asleep else "HEALTHY")
        target += moved

    def _settle(self, deployments: Sequence[str], status: str) -> None:
        def is_settled(deployment_id: str) -> bool:
            try:
                row = self._world.row(deployment_id)
            except psycopg.Error:
                return False  # the last fault may have cut the line
            return row.is_settled and row.status == status

        for each in deployments:
            until(lambda each=each: is_settled(each), f"{each} {status}", seconds=SETTLE_SECONDS)  # type: ignore[misc]

    def _deploy(self, deployment_id: str) -> None:
        new = {f"dag_{token_hex(4)}": "x = 1"}
        self._world.deploy(deployment_id, **self._kind.files, **new)

    # The operation and the fault

    def _begin(self, run: Run) -> None:
        world, name = self._world, run.cell.operation
        if name == "create":
            run.deployment_id = self._create_held(run)
            return
        if NEEDS[name] == "awake":
            self._kind.start_tasks(world, run.deployment_id)
        run.before = {step.name: step.started_at for step in self._steps(run)}
        self._hold(run)
        if name == "deploy":
            self._deploy(run.deployment_id)
        elif name == "roll back":
            world.roll_back(run.deployment_id)
        elif name == "delete":
            world.delete(run.deployment_id)
        else:
            world.rest(run.deployment_id, asleep=name == "hibernate")

    def _create_held(self, run: Run) -> str:
        """A gate for whichever Deployment comes next, then only for this one."""
        if not self._is_gated:
            return self._world.create(**self._settings)
        anybody = self._world.data / "hold" / f"next.{run.cell.step}"
        anybody.parent.mkdir(exist_ok=True)
        anybody.touch()
        deployment_id = self._world.create(**self._settings)
        run.deployment_id = deployment_id
        self._hold(run)
        anybody.unlink()
        return deployment_id

    def _hold(self, run: Run) -> None:
        if not self._is_gated:
            return
        self._gate(run).parent.mkdir(exist_ok=True)
        self._gate(run).touch()
        if run.cell.step == "stop-components":
            (self._world.place(run.deployment_id).home / "hold-stop").touch()

    def _gate(self, run: Run) -> Path:
        return self._world.data / "hold" / f"{run.deployment_id}.{run.cell.step}"

    def _steps(self, run: Run) -> Sequence[StepReport]:
        return self._world.agent.observe(self._world.agent.address(run.deployment_id)).steps

    def _await_step(self, run: Run) -> None:
        def is_there() -> bool:
            return any(
                step.name == run.cell.step
                and step.state in _STARTED
                and step.started_at != run.before.get(step.name)
                for step in self._steps(run)
            ) or self._is_over(run)

        until(is_there, f"{run.cell}: the step", seconds=SETTLE_SECONDS, every=0.02)

    def _is_over(self, run: Run) -> bool:
        """A step may be shorter than the time between two looks, or be skipped."""
        try:
            row = self._world.row(run.deployment_id)
        except psycopg.Error:
            return False
        return row.is_settled and row.status == ENDS[run.cell.operation]

    def _strike(self, runs: Sequence[Run]) -> None:
        fault = runs[0].cell.fault
        if not is_local(fault):
            faults.strike(self._world, fault, "")
            return
        for run in runs:
            run.was_hit = faults.strike(self._world, fault, run.deployment_id)

    # After

    def _judge(self, run: Run, began: float, page: Listener | None) -> Result:
        try:
            said = self._check(run, page)
        except (promises.BrokenPromise, TimeoutError) as broken:
            return Result(run.cell, False, str(broken), time.monotonic() - began)
        hit = said if run.was_hit else f"{said}, nothing to hit yet"
        return Result(run.cell, True, hit, time.monotonic() - began)

    def _check(self, run: Run, page: Listener | None) -> str:
        world, deployment_id = self._world, run.deployment_id
        said = promises.end(world, run.cell, deployment_id, seconds=SETTLE_SECONDS)
        if page:
            promises.page_knows(page, time.monotonic())
        status = ENDS[run.cell.operation]
        promises.one_tree(world, deployment_id, awake=status == "HEALTHY")
        promises.nothing_drags_on(world)
        self._keep(run.cell.operation, deployment_id)
        return said

    def _keep(self, operation: str, deployment_id: str) -> None:
        """For later cells; where starting is cheap, a new one is not worth its two deploys."""
        if operation == "hibernate":
            self._asleep.append(deployment_id)
        elif operation == "create" and self._is_gated:
            self._world.delete(deployment_id)
        elif operation == "create":
            self._stock([deployment_id])
        elif operation != "delete":
            self._awake.append(deployment_id)
