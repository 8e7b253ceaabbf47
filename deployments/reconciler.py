"""Wish and world: compare the two, take one idempotent step, write down what was seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from deployments import backends, spec
from deployments.events import announce
from deployments.lifecycle import Status, Trigger, possible
from deployments.models import Deploy, Deployment, Operation, OperationStep, Wish
from deployments.provisioners.base import (
    Failure,
    Observation,
    Phase,
    Provisioner,
    ProvisionerError,
    State,
)
from deployments.services import deploys

LEASE = timedelta(seconds=20)
"""Longer than any one step: `apply` answers within 2 s, `observe` within 5 s."""

_GOAL = {
    Wish.RUNNING: Phase.RUNNING,
    Wish.STOPPED: Phase.STOPPED,
    Wish.DELETED: Phase.ABSENT,
}


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
    deployment = Deployment.objects.select_related("cluster", "current_deploy").get(
        pk=deployment_id
    )
    backend = backends.provisioner(deployment.cluster)
    try:
        state = _push(backend, deployment)
        seen = backend.observe(state)
    except ProvisionerError as error:
        state, seen = deployment.backend_state, _as_observation(error, deployment.generation)
    return _write_down(lease, deployment, state, seen)


def claim(deployment_id: str) -> Lease | None:
    """Take the lease of an unsettled Deployment, unless somebody holds it."""
    now = timezone.now()
    with transaction.atomic():
        row = (
            Deployment.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=deployment_id)
            .filter(is_settled=False)
            .values_list("fence", flat=True)
            .first()
        )
        if row is None:
            return None
        Deployment.objects.filter(pk=deployment_id).update(
            lease_until=now + LEASE, fence=F("fence") + 1
        )
    return Lease(deployment_id, row + 1)


def _push(backend: Provisioner, deployment: Deployment) -> State:
    """Hand the wish to the backend; every call may be repeated, so nothing needs remembering."""
    state: State = deployment.backend_state
    match Wish(deployment.wish):
        case Wish.RUNNING if deployment.applied_generation < deployment.generation:
            return backend.apply(spec.build(deployment), state)
        case Wish.STOPPED:
            return backend.stop(state)
        case Wish.DELETED:
            return backend.delete(state)
        case _:
            return state


def _as_observation(error: ProvisionerError, generation: int) -> Observation:
    if not error.permanent:
        return Observation(phase=Phase.UNREACHABLE, generation=generation)
    failure = Failure(error.cause, error.remedy, is_permanent=True)
    return Observation(phase=Phase.FAILED, generation=generation, failure=failure)


@transaction.atomic
def _write_down(
    lease: Lease, read: Deployment, state: State, seen: Observation
) -> timedelta | None:
    """Store what was seen, unless a newer claim or a newer wish made it worthless."""
    row = (
        Deployment.objects.select_for_update(no_key=True)
        .filter(pk=lease.deployment_id, fence=lease.fence, generation=read.generation)
        .first()
    )
    if row is None:
        return None
    row.applied_generation = (
        read.generation if seen.phase is not Phase.UNREACHABLE else (row.applied_generation)
    )
    store(row, state, seen)
    operation = row.operations.filter(status=Operation.Status.RUNNING).first()
    if operation is not None:
        write_steps(operation, seen)
    delay = _settle(row, operation, seen)
    row.lease_until = None
    row.save(update_fields=["is_settled", "lease_until", "applied_generation", "deleted_at"])
    announce(row.pk)
    return delay


def store(row: Deployment, state: State, seen: Observation) -> None:
    """Keep the backend's state and the newest picture of the components."""
    row.backend_state = dict(seen.state or state)
    row.observed_at = timezone.now()
    if seen.phase is not Phase.UNREACHABLE:
        row.components = [asdict(component) for component in seen.components]
        row.endpoint = seen.endpoint
        if seen.active_deploy != row.active_deploy_id:
            row.active_deploy_id = seen.active_deploy
            Deploy.objects.filter(pk=seen.active_deploy, active_at=None).update(
                active_at=row.observed_at
            )
    row.save(
        update_fields=["backend_state", "observed_at", "components", "endpoint", "active_deploy_id"]
    )


def write_steps(operation: Operation, seen: Observation) -> None:
    """Bring the operation's steps to what the backend reports; a step is never lost."""
    for position, step in enumerate(seen.steps):
        OperationStep.objects.update_or_create(
            operation=operation,
            name=step.name,
            defaults={
                "position": position,
                "label": step.label,
                "state": step.state,
                "started_at": step.started_at,
                "finished_at": step.finished_at,
                "detail": step.detail[:1000],
                "log": step.log,
            },
        )


def _settle(row: Deployment, operation: Operation | None, seen: Observation) -> timedelta | None:
    is_current = seen.generation >= row.generation or row.wish != Wish.RUNNING
    if seen.phase is _GOAL[Wish(row.wish)] and is_current:
        _succeed(row, operation)
        return None
    if seen.phase is Phase.FAILED and is_current and seen.failure:
        _fail(row, operation, seen.failure)
        return None
    if operation is not None and timezone.now() > operation.deadline:
        _fail(row, operation, _too_late(seen))
        return None
    return _next_look(operation)


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
        row.advance(Trigger.FAILED, reason=failure.cause)
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
        operation.failure_cause = failure.cause[:1000]
        operation.failure_remedy = failure.remedy[:1000]
    operation.save()


def _too_late(seen: Observation) -> Failure:
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


def _next_look(operation: Operation | None) -> timedelta:
    """Often while somebody watches the first seconds, rarely when it drags on."""
    age = timezone.now() - operation.started_at if operation else timedelta(minutes=1)
    if age < timedelta(seconds=30):
        return timedelta(milliseconds=300)
    return timedelta(seconds=1 if age < timedelta(minutes=2) else 3)
