"""How every write to a Deployment becomes a wish that the reconciler fulfils."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from access.actor import Actor
from deployments import backends, hints
from deployments.lifecycle import Trigger
from deployments.models import Deploy, Deployment, Operation, Wish
from web.errors import Conflict
from web.prepared import insert


class StaleForm(Conflict):
    """The settings are no longer those that the asker saw."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody changed these settings while you edited them.",
            remedy="Your input is kept. Compare it with the present values, then save again.",
        )


def change(
    deployment: Deployment,
    trigger: Trigger,
    *,
    kind: Operation.Kind,
    wish: Wish | None = None,
    deploy: Deploy | None = None,
    reason: str = "",
    actor: Actor,
) -> Operation:
    """Move the status, raise the generation, open an operation and wake the reconciler.

    Call it inside an action, with the row locked. A running operation is superseded: the newer
    wish includes the older one. A worker that holds the lease keeps it, as two at once could
    push a backend both ways; it notices the new generation and hands over. Raises Conflict for
    a change while a failed hibernation or deletion stands.
    """
    if trigger is Trigger.CHANGE:
        require_change_possible(deployment)
    was_settled = deployment.is_settled
    wished = {
        "wish": wish or deployment.wish,
        "generation": deployment.generation + 1,
        "is_settled": False,
    }
    deployment.advance(trigger, reason=reason, also=wished)
    if not was_settled:  # what is settled has no running operation
        _supersede(deployment)
    return begin(deployment, kind=kind, deploy=deploy, actor=actor)


def _supersede(deployment: Deployment) -> None:
    running = deployment.operations.filter(status=Operation.Status.RUNNING)
    running.update(status=Operation.Status.SUPERSEDED, finished_at=timezone.now())


def require_change_possible(deployment: Deployment) -> None:
    """Raise Conflict, with its reason, where a Deployment takes no changes."""
    if deployment.takes_changes:
        return
    if Trigger.CHANGE in deployment.possible:
        raise Conflict(
            f"The last wish for this Deployment ({deployment.get_wish_display().lower()}) failed.",
            remedy="Retry it first; then change the Deployment.",
        )
    raise Conflict(
        f"This Deployment is {deployment.status.lower()}, so it cannot be changed now.",
        remedy="Wait until the running operation ends, then try again.",
    )


def begin(
    deployment: Deployment, *, kind: Operation.Kind, deploy: Deploy | None = None, actor: Actor
) -> Operation:
    """Open the operation of the present generation and tell the reconciler on commit."""
    now = timezone.now()
    operation = Operation(
        organization_id=deployment.organization_id,
        deployment=deployment,
        deploy=deploy,
        kind=kind,
        generation=deployment.generation,
        started_by_kind=actor.principal.kind,
        started_by_id=actor.principal.id,
        started_by_label=actor.principal.label,
        deadline=now + _deadline(deployment),
    )
    insert(operation)
    wake_reconciler(deployment.pk)
    return operation


def wake_reconciler(deployment_id: str) -> None:
    """After commit; should the message be lost, the sweep finds the row within seconds."""
    transaction.on_commit(lambda: hints.send(deployment_id))


def _deadline(deployment: Deployment) -> timedelta:
    return backends.provisioner(deployment.cluster).deadline
