"""Writing down what a backend reported: state, components, steps."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from deployments.models import Deploy, Deployment, Operation, OperationStep
from deployments.provisioners.base import Observation, Phase, State, StepReport
from web.prepared import Prepared, save

_LONGEST_LOG = 20_000
_SEEN_FIELDS = (
    "backend_state", "observed_at", "components", "endpoint", "endpoint_uid", "active_deploy_id",
)  # fmt: skip
_STEP_FIELDS = ("position", "label", "state", "started_at", "finished_at", "detail", "log")

_steps = Prepared(lambda pk: OperationStep.objects.filter(operation_id=pk))


def store(row: Deployment, state: State, seen: Observation) -> bool:
    """Keep the backend's state and the newest picture of the components.

    Answers whether people see anything else than before. What cannot be reached keeps its last
    picture.
    """
    before = (row.components, row.endpoint, row.active_deploy_id)
    row.backend_state = dict(seen.state or state)
    row.observed_at = timezone.now()
    if seen.phase is not Phase.UNREACHABLE:
        row.components = [asdict(component) for component in seen.components]
        row.endpoint, row.endpoint_uid = seen.endpoint, seen.endpoint_uid
        _note_deploy(row, seen.active_deploy)
    save(row, *_SEEN_FIELDS)
    return (row.components, row.endpoint, row.active_deploy_id) != before


def _note_deploy(row: Deployment, version: str) -> None:
    if version == row.active_deploy_id:
        return
    row.active_deploy_id = version
    if Deploy.objects.filter(pk=version, active_at=None).update(active_at=row.observed_at):
        follow(version)


def follow(deploy_id: str) -> None:
    """Have somebody look for the deploy in Airflow; lost, the sweep says it again."""
    from deployments.tasks import send_follow

    transaction.on_commit(lambda: send_follow(deploy_id))


def write_steps(operation: Operation, seen: Observation) -> bool:
    """Bring the operation's steps to what the backend reports; a step is never lost.

    Answers whether one of them changed. Two queries at most, however many steps.
    """
    known = {step.name: step for step in _steps.all(operation.pk)}
    reported = {
        report.name[:60]: _values(position, report) for position, report in enumerate(seen.steps)
    }
    changed = [
        OperationStep(operation=operation, name=name, **values)
        for name, values in reported.items()
        if name not in known or _differs(known[name], values)
    ]
    if changed:
        OperationStep.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["operation", "name"],
            update_fields=_STEP_FIELDS,
        )
    return bool(changed)


def _values(position: int, report: StepReport) -> dict[str, Any]:
    return {
        "position": position,
        "label": storable(report.label, 200),
        "state": report.state.value,
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "detail": storable(report.detail, 1000),
        "log": storable(report.log[-_LONGEST_LOG:], _LONGEST_LOG),
    }


def _differs(step: OperationStep, values: dict[str, Any]) -> bool:
    return any(getattr(step, name) != value for name, value in values.items())


def storable(text: str, length: int) -> str:
    """Text as the database takes it: programs print characters that it refuses."""
    return text.replace("\x00", "")[:length]
