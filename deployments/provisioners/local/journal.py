"""The named steps of the work under way, as people see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import RLock

from ..base import StepReport, StepState

LABELS = {
    "build-environment": "Build the Python environment",
    "prepare-template": "Prepare the database template of this Airflow",
    "create-database": "Create the metadata database",
    "write-configuration": "Write the configuration",
    "fetch-deploy": "Fetch the deploy",
    "start-components": "Start the components",
    "wait-healthy": "Wait until every component is healthy",
    "switch-deploy": "Switch Airflow to the deploy",
    "show-dags": "Wait until Airflow shows the new DAGs",
    "stop-components": "Stop the components",
}
LOG_LIMIT = 20_000


class Journal:
    """Thread-safe; `changed` is called after each start and end of a step."""

    def __init__(self, steps: tuple[StepReport, ...], changed: Callable[[], None]) -> None:
        self._steps = {step.name: step for step in steps}
        self._changed = changed
        self._lock = RLock()

    def plan(self, *names: str) -> None:
        """Forget the former work: these steps follow."""
        with self._lock:
            self._steps = {
                name: StepReport(name, LABELS[name], StepState.PENDING) for name in names
            }
        self._changed()

    def report(self) -> tuple[StepReport, ...]:
        with self._lock:
            return tuple(self._steps.values())

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time the block as step `name`; an exception marks it failed and goes on."""
        self._update(name, state=StepState.RUNNING, started_at=_now(), finished_at=None)
        self._changed()
        state = StepState.FAILED
        try:
            yield Step(self, name)
            state = StepState.DONE
        finally:
            self._update(name, state=state, finished_at=_now())
            self._changed()

    def skip(self, name: str, detail: str) -> None:
        self._update(name, state=StepState.SKIPPED, detail=detail)
        self._changed()

    def _update(self, name: str, **changes: object) -> None:
        with self._lock:
            self._steps[name] = replace(self._steps[name], **changes)  # type: ignore[arg-type]

    def append(self, name: str, line: str) -> None:
        with self._lock:
            log = f"{self._steps[name].log}{line.rstrip()}\n"
            self._update(name, log=log[-LOG_LIMIT:])

    def describe(self, name: str, detail: str) -> None:
        self._update(name, detail=detail)


class Step:
    """What the code inside a step may tell about it."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._journal = journal
        self._name = name

    def log(self, line: str) -> None:
        self._journal.append(self._name, line)

    def describe(self, detail: str) -> None:
        self._journal.describe(self._name, detail)


def _now() -> datetime:
    return datetime.now(UTC)
