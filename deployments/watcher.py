"""Looking after what is settled: an Airflow that dies by itself must not stay green."""

from __future__ import annotations

from django.db import transaction

from deployments import backends
from deployments.events import announce
from deployments.lifecycle import Status, Trigger, possible
from deployments.models import Deployment, Wish
from deployments.provisioners.base import Observation, Phase
from deployments.reconciler import store

_TRIGGER = {
    Phase.RUNNING: Trigger.BECAME_HEALTHY,
    Phase.DEGRADED: Trigger.DEGRADED,
    Phase.FAILED: Trigger.FAILED,
    Phase.UNREACHABLE: Trigger.LOST,
}
_GONE = frozenset({Phase.ABSENT, Phase.STOPPED})


def watch() -> None:
    """Look once at every Deployment that should be running and is not being worked on."""
    settled = Deployment.objects.filter(is_settled=True, wish=Wish.RUNNING)
    for deployment in settled.select_related("cluster").iterator():
        seen = backends.provisioner(deployment.cluster).observe(deployment.backend_state)
        _note(deployment, seen)


@transaction.atomic
def _note(read: Deployment, seen: Observation) -> None:
    row = (
        Deployment.objects.select_for_update(no_key=True, skip_locked=True)
        .filter(pk=read.pk, generation=read.generation, is_settled=True)
        .first()
    )
    if row is None:
        return
    before = (row.status, row.status_reason, row.components)
    store(row, row.backend_state, seen)
    if seen.phase in _GONE:
        _bring_back(row)
    trigger = _TRIGGER.get(seen.phase)
    if trigger is not None and trigger in possible(Status(row.status)):
        row.advance(trigger, reason=_reason(seen))
    if (row.status, row.status_reason, row.components) != before:
        announce(row.pk)


def _bring_back(row: Deployment) -> None:
    """The backend forgot a Deployment that should run: hand it the wish again."""
    Deployment.objects.filter(pk=row.pk).update(is_settled=False, applied_generation=0)


def _reason(seen: Observation) -> str:
    if seen.phase is Phase.UNREACHABLE:
        return "The cluster's agent does not answer"
    if seen.failure:
        return seen.failure.cause
    down = [part for part in seen.components if not part.is_healthy]
    return ", ".join(f"{part.name}: {part.detail or 'not running'}" for part in down)
