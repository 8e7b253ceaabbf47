"""An operation as people watch it: named steps with state, time, usual time and log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployments import queries
from deployments.models import Operation, OperationStep
from deployments.provisioners.base import StepState

_WORDS = {
    StepState.PENDING: "waiting",
    StepState.RUNNING: "running",
    StepState.DONE: "succeeded",
    StepState.FAILED: "failed",
    StepState.SKIPPED: "skipped",
}
"""From the backend's words to those of the page's step component."""


@dataclass(frozen=True)
class StepLine:
    key: str
    """Differs by state, so that a finished step is not drawn anew while others go on."""
    name: str
    state: str
    since: datetime | None
    took: timedelta | None
    usual: timedelta | None
    detail: str
    log: str

    @property
    def is_over(self) -> bool:
        return self.state in {"succeeded", "failed", "skipped"}

    @property
    def is_open(self) -> bool:
        return self.state in {"running", "failed"}


def step_lines(operation: Operation) -> list[StepLine]:
    """The steps of an operation; one query for the usual times."""
    usual = queries.usual_durations(operation) if operation.is_running else {}
    return [_line(step, usual) for step in operation.steps.all()]


def _line(step: OperationStep, usual: Mapping[str, timedelta]) -> StepLine:
    state = _WORDS.get(StepState(step.state), "waiting")
    took = step.finished_at - step.started_at if step.started_at and step.finished_at else None
    return StepLine(
        key=f"step-{step.pk}-{state}",
        name=step.label,
        state=state,
        since=step.started_at,
        took=took,
        usual=usual.get(step.name),
        detail=step.detail,
        log=step.log,
    )
