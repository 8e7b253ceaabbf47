"""Looking after what is settled: an Airflow that dies by itself must not stay green."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from access.actor import system
from deployments import backends
from deployments.events import announce
from deployments.lifecycle import Status, Trigger, possible
from deployments.models import Deployment, Operation, Wish
from deployments.provisioners.base import (
    Failure,
    Observation,
    Phase,
    Provisioner,
    ProvisionerError,
    State,
)
from deployments.services import wishes
from deployments.sightings import store

logger = logging.getLogger(__name__)

_TRIGGER = {
    Phase.RUNNING: Trigger.BECAME_HEALTHY,
    Phase.DEGRADED: Trigger.DEGRADED,
    Phase.FAILED: Trigger.FAILED,
    Phase.UNREACHABLE: Trigger.LOST,
}
_GONE = frozenset({Phase.ABSENT, Phase.STOPPED})
_AT_ONCE = 8
_SEEN_LATELY = timedelta(seconds=5)
"""Two passes that overlap do not look at the same Deployment twice."""


def watch() -> None:
    """Look once at every Deployment that should be running and is not being worked on."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="watch") as pool:
        pairs = [
            (row, pool.submit(_look, backends.provisioner(row.cluster), row.backend_state))
            for row in _due()
        ]
        for row, answer in pairs:
            _note(row, answer.result())


def _due() -> Iterator[Deployment]:
    now = timezone.now()
    late = Q(observed_at=None) | Q(observed_at__lt=now - _SEEN_LATELY)
    late |= Q(observed_at__gt=now)  # the clock was set back
    settled = Deployment.objects.filter(late, is_settled=True, wish=Wish.RUNNING)
    return settled.select_related("cluster").iterator()


def _look(backend: Provisioner, state: State) -> Observation:
    """Observe; one broken Deployment must not hide the others."""
    try:
        return backend.observe(state)
    except ProvisionerError as error:
        failure = Failure(error.cause, error.remedy, is_permanent=error.permanent)
    except Exception:
        logger.exception("The backend broke while it was asked for its state")
        failure = Failure("The cluster's backend broke unexpectedly.", "", is_permanent=False)
    return Observation(phase=Phase.UNREACHABLE, failure=failure)


@transaction.atomic
def _note(read: Deployment, seen: Observation) -> None:
    row = (
        Deployment.objects.select_for_update(no_key=True, skip_locked=True)
        .filter(pk=read.pk, generation=read.generation, is_settled=True)
        .first()
    )
    if row is None:
        return
    before = (row.status, row.status_reason)
    has_news = store(row, row.backend_state, seen)
    if seen.phase in _GONE:
        _bring_back(row)
    trigger = _TRIGGER.get(seen.phase)
    if trigger is not None and trigger in possible(Status(row.status)):
        row.advance(trigger, reason=_reason(seen))
    if has_news or (row.status, row.status_reason) != before:
        announce(row.pk)


def _bring_back(row: Deployment) -> None:
    """The backend forgot a Deployment that should run: hand it the wish again.

    Not after an operation that failed: that is for a person to retry, who knows the cause.
    """
    latest = row.operations.first()
    if latest is not None and latest.status == Operation.Status.FAILED:
        return
    if Trigger.DEGRADED in possible(Status(row.status)):
        row.advance(Trigger.DEGRADED, reason="Its processes are gone; they are started again.")
    wishes.change(row, Trigger.RETRY, kind=Operation.Kind.RETRY, actor=system("watcher"))


def _reason(seen: Observation) -> str:
    if seen.failure:
        return seen.failure.cause
    if seen.phase is Phase.UNREACHABLE:
        return "The cluster's agent does not answer"
    down = [part for part in seen.components if not part.is_healthy]
    return ", ".join(f"{part.name}: {part.detail or 'not running'}" for part in down)
