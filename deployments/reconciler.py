"""Wish and world: compare the two, take one idempotent step, write down what was seen."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from access.encryption import UnreadableSecretError
from deployments import backends, spec
from deployments.events import announce
from deployments.lifecycle import Status, Trigger, possible
from deployments.metrics import OPERATION_SECONDS
from deployments.models import Deployment, Operation, Wish
from deployments.provisioners.base import (
    Failure,
    Observation,
    Phase,
    Provisioner,
    ProvisionerError,
    State,
)
from deployments.services import deploys
from deployments.sightings import storable, store, write_steps
from web.prepared import Prepared, ask, save

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
"""Longer than any one step: `apply` answers within 2 s, `observe` within 5 s."""

_GOALS = {
    Wish.RUNNING: frozenset({Phase.RUNNING}),
    # Nothing to stop is as good as stopped: a Deployment may go before anything was made.
    Wish.STOPPED: frozenset({Phase.STOPPED, Phase.ABSENT}),
    Wish.DELETED: frozenset({Phase.ABSENT}),
}
_GONE = frozenset({Phase.STOPPED, Phase.ABSENT})
_AT_ONCE = timedelta()


_to_step = Prepared(
    lambda pk: (
        Deployment.objects.select_related("cluster", "current_deploy").filter(pk=pk).order_by()
    )
)
_to_write = Prepared(
    lambda pk: Deployment.objects.select_for_update(no_key=True).filter(pk=pk).order_by()
)
_running = Prepared(
    lambda pk: Operation.objects.filter(deployment_id=pk, status=Operation.Status.RUNNING)
)
_CLAIM = """
UPDATE deployments_deployment SET lease_until = %s, fence = fence + 1 WHERE id = (
    SELECT id FROM deployments_deployment
    WHERE id = %s AND NOT is_settled
    AND (lease_until IS NULL OR lease_until < %s OR lease_until > %s)
    FOR NO KEY UPDATE SKIP LOCKED
) RETURNING fence
"""
"""Not leased: a lease that ends later than any could was given before the clock went back."""


@dataclass(frozen=True)
class Lease:
    """The right to work on one Deployment for a while; `fence` tells a stale holder."""

    deployment_id: str
    fence: int


def reconcile(deployment_id: str) -> timedelta | None:
    """Take one step towards the wish; answer when to look again, or None when settled.

    None also when somebody else holds the lease. Never raises for a broken backend: that is a
    failure of the operation, which a person sees and can retry.
    """
    lease = claim(deployment_id)
    if lease is None:
        return None
    deployment = _to_step.first(deployment_id)
    if deployment is None:
        return None
    state, seen = _step(deployment)
    return _write_down(lease, deployment, state, seen)


def claim(deployment_id: str) -> Lease | None:
    """Take the lease of an unsettled Deployment, unless somebody holds it."""
    now = timezone.now()
    given = ask(_CLAIM, [now + LEASE, deployment_id, now, now + LEASE])
    return Lease(deployment_id, given[0][0]) if given else None


def _step(deployment: Deployment) -> tuple[State, Observation]:
    """Hand over the wish and look. Whatever breaks becomes an observation with its cause.

    The state that the backend handed out is kept even when looking fails afterwards.
    """
    state: State = deployment.backend_state
    try:
        backend = backends.provisioner(deployment.cluster)
        state = _push(backend, deployment)
        return state, backend.observe(state)
    except ProvisionerError as error:
        failure = Failure(error.cause, error.remedy, is_permanent=error.permanent)
    except UnreadableSecretError as error:
        failure = Failure(
            str(error), "Give the console its old key again, then retry.", is_permanent=True
        )
    except Exception:
        # A fault in a backend must end as a failed operation, not as one that never ends.
        logger.exception("The backend broke on Deployment %s", deployment.pk)
        failure = Failure(
            "The cluster's backend broke unexpectedly.",
            "Look into the worker's log for the cause, then retry.",
            is_permanent=False,
        )
    phase = Phase.FAILED if failure.is_permanent else Phase.UNREACHABLE
    return state, Observation(phase=phase, generation=deployment.generation, failure=failure)


def _push(backend: Provisioner, deployment: Deployment) -> State:
    """Hand the wish to the backend; every call may be repeated, so nothing needs remembering."""
    state: State = deployment.backend_state or backend.address(deployment.pk)
    match Wish(deployment.wish):
        case Wish.RUNNING if deployment.applied_generation < deployment.generation:
            return backend.apply(spec.build(deployment), state)
        case Wish.STOPPED:
            return backend.stop(state, generation=deployment.generation)
        case Wish.DELETED:
            return backend.delete(state, generation=deployment.generation)
        case _:
            return state


@transaction.atomic
def _write_down(
    lease: Lease, read: Deployment, state: State, seen: Observation
) -> timedelta | None:
    """Store what was seen, unless a newer claim or a newer wish made it worthless."""
    row = _to_write.first(lease.deployment_id)
    if row is None or row.fence != lease.fence:
        logger.warning("Too late for Deployment %s: another worker has its lease", read.pk)
        return None
    if row.generation != read.generation:
        return _hand_over(row, state)
    if seen.phase is not Phase.UNREACHABLE:
        row.applied_generation = _applied(row, seen)
    before = (row.status, row.is_settled)
    has_news = store(row, state, seen)
    operation = _running.first(row.pk)
    if operation is not None:
        has_news = write_steps(operation, seen) or has_news
    delay = _settle(row, operation, seen)
    row.lease_until = None
    save(row, "is_settled", "lease_until", "applied_generation", "deleted_at")
    if has_news or (row.status, row.is_settled) != before:
        announce(row.pk)
    return delay


def _hand_over(row: Deployment, state: State) -> timedelta | None:
    """The wish changed meanwhile: keep only what the backend must get back, and begin anew."""
    row.backend_state, row.lease_until = dict(state), None
    row.save(update_fields=["backend_state", "lease_until"])
    return _AT_ONCE


def _applied(row: Deployment, seen: Observation) -> int:
    """The generation that the backend has; none when it runs nothing of what was handed over,
    because it forgot, or because a late call of an older wish stopped it."""
    return 0 if row.wish == Wish.RUNNING and seen.phase in _GONE else row.generation


def _settle(row: Deployment, operation: Operation | None, seen: Observation) -> timedelta | None:
    is_current = seen.generation >= row.generation or row.wish != Wish.RUNNING
    if seen.phase in _GOALS[Wish(row.wish)] and is_current:
        _succeed(row, operation)
        return None
    if seen.phase is Phase.FAILED and is_current:
        _fail(row, operation, seen.failure or _UNEXPLAINED)
        return None
    if operation is None or _is_late(operation):
        _fail(row, operation, _too_late(seen))
        return None
    return _next_look(operation)


def _is_late(operation: Operation) -> bool:
    """A clock that went back lends no time: then the operation starts anew from now."""
    now = timezone.now()
    if now < operation.started_at:
        patience = operation.deadline - operation.started_at
        operation.started_at, operation.deadline = now, now + patience
        operation.save(update_fields=["started_at", "deadline"])
    return now > operation.deadline


def _succeed(row: Deployment, operation: Operation | None) -> None:
    row.is_settled = True
    if row.wish == Wish.RUNNING:
        row.advance(Trigger.BECAME_HEALTHY)
        Deployment.objects.filter(pk=row.pk, healthy_at=None).update(healthy_at=timezone.now())
    elif row.wish == Wish.DELETED:
        row.advance(Trigger.DELETED)
        row.deleted_at = timezone.now()
    _end(operation, Operation.Status.SUCCEEDED)


def _fail(row: Deployment, operation: Operation | None, failure: Failure) -> None:
    row.is_settled = True
    if Trigger.FAILED in possible(Status(row.status)):
        row.advance(Trigger.FAILED, reason=storable(failure.cause, 1000))
    _end(operation, Operation.Status.FAILED, failure)
    if operation is not None:
        deploys.undo(row, operation, failure)


def _end(
    operation: Operation | None, status: Operation.Status, failure: Failure | None = None
) -> None:
    if operation is None:
        return
    operation.status, operation.finished_at = status, timezone.now()
    if failure is not None:
        operation.failure_cause = storable(failure.cause, 1000)
        operation.failure_remedy = storable(failure.remedy, 1000)
    save(operation, "status", "finished_at", "failure_cause", "failure_remedy")
    took = (operation.finished_at - operation.started_at).total_seconds()
    seconds = OPERATION_SECONDS.labels(operation.kind, status.value)
    transaction.on_commit(lambda: seconds.observe(took))


_UNEXPLAINED = Failure(
    "The cluster reported a failure without its cause.",
    "Look into the component logs, then retry.",
    is_permanent=False,
)


def _too_late(seen: Observation) -> Failure:
    if seen.failure:
        return seen.failure
    if seen.phase is Phase.UNREACHABLE:
        return Failure(
            "The cluster's agent did not answer before the deadline.",
            "Run `./console doctor` on the machine, then retry.",
            is_permanent=False,
        )
    unhealthy = ", ".join(part.name for part in seen.components if not part.is_healthy)
    return Failure(
        f"It was not done before its deadline. Not healthy yet: {unhealthy or 'unknown'}.",
        "Read the component's log, then retry.",
        is_permanent=False,
    )


def _next_look(operation: Operation) -> timedelta:
    """Often while somebody watches the first seconds, rarely when it drags on."""
    age = timezone.now() - operation.started_at
    if age < timedelta(seconds=30):
        return timedelta(milliseconds=300)
    return timedelta(seconds=1 if age < timedelta(minutes=2) else 3)
