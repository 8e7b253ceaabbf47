"""Runs cells side by side: each on a Deployment of its own, all struck at the same moment."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psycopg

from astro_ui.bench.waiting import until
from deployments.provisioners.base import StepReport, StepState
from tests.faults import faults, promises
from tests.faults.cells import ENDS, NEEDS, Cell, is_local
from tests.faults.listener import Listener
from tests.faults.stock import Kind, Stock
from tests.faults.world import SETTLE_SECONDS, World

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
    deployment_id: str
    """Empty until a creation has begun."""
    before: dict[str, object] = field(default_factory=dict)
    """When each step of the former work began."""
    was_hit: bool = True


class Rounds:
    """Keeps Deployments from one round for the next."""

    def __init__(self, world: World, *, kind: Kind) -> None:
        self._world = world
        self._kind = kind
        self._stock = Stock(world, kind)

    def run(self, cells: Sequence[Cell]) -> Iterator[Result]:
        """All cells of one fault at once; yields what became of each."""
        self._world.wait_until_whole()
        found = self._stock.take([cell.operation for cell in cells])
        runs = [Run(*each) for each in zip(cells, found, strict=True)]
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
        self._world.gate(run.deployment_id, run.cell.step).unlink(missing_ok=True)
        (self._world.place(run.deployment_id).home / "hold-stop").unlink(missing_ok=True)

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
            self._stock.deploy(run.deployment_id)
        elif name == "roll back":
            world.roll_back(run.deployment_id)
        elif name == "delete":
            world.delete(run.deployment_id)
        else:
            world.rest(run.deployment_id, asleep=name == "hibernate")

    def _create_held(self, run: Run) -> str:
        """A gate for whichever Deployment comes next, then only for this one."""
        if not self._kind.is_gated:
            return self._world.create(**self._kind.settings)
        anybody = self._world.gate("next", run.cell.step)
        anybody.touch()
        deployment_id = self._world.create(**self._kind.settings)
        run.deployment_id = deployment_id
        self._hold(run)
        anybody.unlink()
        return deployment_id

    def _hold(self, run: Run) -> None:
        if not self._kind.is_gated:
            return
        self._world.gate(run.deployment_id, run.cell.step).touch()
        if run.cell.step == "stop-components":
            (self._world.place(run.deployment_id).home / "hold-stop").touch()

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
            row = self._world.rows.of(run.deployment_id)
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
        self._stock.keep(run.cell.operation, deployment_id)
        return said
