"""Runs cells side by side: each on a Deployment of its own, all struck at the same moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from random import Random

from astro_ui.bench.waiting import until
from deployments.provisioners.base import StepReport, StepState
from tests.faults import faults, promises
from tests.faults.cells import ENDS, NEEDS, Cell, is_local
from tests.faults.listener import Listener
from tests.faults.stock import Kind, Stock
from tests.faults.world import SETTLE_SECONDS, World

VICTIM_SECONDS = 20.0
"""After its gate was opened, what a fault is about appears within these, or has nothing to hit."""
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
    """Keeps Deployments from one round for the next.

    The seed decides whether a round strikes its long steps at their beginning, where they are held
    up, or within the second after that.
    """

    def __init__(self, world: World, *, kind: Kind, seed: int = 0) -> None:
        self._world = world
        self._kind = kind
        self._seed = seed
        self._stock = Stock(world, kind)

    def run(self, cells: Sequence[Cell]) -> list[Result]:
        """All at once, and what became of each: one fault, or such as befall one Deployment."""
        self._world.wait_until_whole()
        found = self._stock.take([cell.operation for cell in cells])
        runs = [Run(*each) for each in zip(cells, found, strict=True)]
        with ThreadPoolExecutor(max_workers=len(runs)) as several, ExitStack() as open_pages:
            list(several.map(self._start_tasks, runs))
            for run in runs:
                self._begin(run)
            for run in runs:
                self._await_step(run)
                self._require_tasks(run)
            pages = self._pages(runs)
            for page in filter(None, pages):
                open_pages.enter_context(page)
            began = time.monotonic()
            try:
                self._strike(runs)
            finally:
                for run in runs:
                    self._open(run)
            judged = several.map(lambda run, page: self._judge(run, began, page), runs, pages)
            results = self._in_time(list(judged))
        for run, result in zip(runs, results, strict=True):
            if result.is_kept:
                self._stock.keep(run.cell.operation, run.deployment_id)
        return results

    def _pages(self, runs: Sequence[Run]) -> list[Listener | None]:
        """Of each; one of a round on the stand-in, where the pages' own test looks at the rest."""
        watched = runs if self._kind.start_tasks else runs[:1]
        pages = [Listener(self._world, run.deployment_id) for run in watched]
        return [*pages, *[None] * (len(runs) - len(pages))]

    def _open(self, run: Run) -> None:
        self._world.gate(run.deployment_id, run.cell.step).unlink(missing_ok=True)
        (self._world.place(run.deployment_id).home / "hold-stop").unlink(missing_ok=True)

    # The operation and the fault

    def _start_tasks(self, run: Run) -> None:
        if self._kind.start_tasks and NEEDS[run.cell.operation] == "awake":
            self._kind.start_tasks(self._world, run.deployment_id)

    def _require_tasks(self, run: Run) -> None:
        """They must be in flight when the fault comes."""
        is_needed = NEEDS[run.cell.operation] == "awake"
        if is_needed and not self._kind.are_tasks_up(self._world, run.deployment_id):
            raise RuntimeError(f"no task of {run.cell} is in flight any more")

    def _begin(self, run: Run) -> None:
        world, name = self._world, run.cell.operation
        if name == "create":
            self._create_held(run)
            return
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

    def _create_held(self, run: Run) -> None:
        """A gate for whichever Deployment comes next, then only for this one."""
        anybody = self._world.gate("next", run.cell.step)
        anybody.touch()
        run.deployment_id = self._world.create(**self._kind.settings)
        self._hold(run)
        anybody.unlink()

    def _hold(self, run: Run) -> None:
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
            ) or promises.is_over(self._world, run.cell, run.deployment_id)

        until(is_there, f"{run.cell}: the step", seconds=SETTLE_SECONDS, every=0.02)

    def _strike(self, runs: Sequence[Run]) -> None:
        self._choose_moment(runs)
        fault = runs[0].cell.fault
        if not is_local(fault):
            faults.strike(self._world, fault, "")
            return
        for run in runs:
            run.was_hit = self._strike_one(run)

    def _choose_moment(self, runs: Sequence[Run]) -> None:
        """Let long steps go on a little before they are struck, or not at all: by chance."""
        chance = Random(f"{self._seed} {runs[0].cell}")  # noqa: S311
        is_long = [run for run in runs if run.cell.step in self._kind.long_steps]
        if is_long and chance.random() < 0.5:
            for run in is_long:
                self._open(run)
            time.sleep(chance.random())

    def _strike_one(self, run: Run) -> bool:
        """Where a long step begins there may be nothing yet that could be hit: later there is."""

        def hits() -> bool:
            return faults.strike(self._world, run.cell.fault, run.deployment_id)

        if run.cell.step not in self._kind.long_steps or run.cell.step == "stop-components":
            return hits()
        end = time.monotonic() + VICTIM_SECONDS
        while not (was_hit := hits()) and time.monotonic() < end:
            self._open(run)
            time.sleep(0.02)  # between two looks
        return was_hit

    # After

    def _in_time(self, results: list[Result]) -> list[Result]:
        """No cell is kept while anything on the whole console is in progress past its deadline."""
        try:
            promises.nothing_drags_on(self._world)
        except promises.BrokenPromise as broken:
            return [
                replace(each, is_kept=False, detail=f"{each.detail}; {broken}") for each in results
            ]
        return results

    def _judge(self, run: Run, began: float, page: Listener | None) -> Result:
        try:
            said = self._check(run, page)
        except (promises.BrokenPromise, TimeoutError) as broken:
            return Result(run.cell, False, str(broken), time.monotonic() - began)
        hit = said if run.was_hit else f"{said}, nothing to hit yet"
        return Result(run.cell, True, hit, time.monotonic() - began)

    def _check(self, run: Run, page: Listener | None) -> str:
        world, deployment_id = self._world, run.deployment_id
        said = promises.end(world, run.cell, deployment_id, seconds=self._kind.patience_seconds)
        if page:
            promises.page_knows(world, deployment_id, page)
        status = ENDS[run.cell.operation]
        promises.one_tree(world, deployment_id, awake=status == "HEALTHY")
        return said
