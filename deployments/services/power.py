"""Asleep, awake, gone and back."""

from __future__ import annotations

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from deployments.lifecycle import Trigger
from deployments.models import Deployment, Operation, Wish
from deployments.services import wishes
from web.errors import InvalidInput

RETRIES = {
    Wish.RUNNING: Trigger.RETRY,
    Wish.STOPPED: Trigger.HIBERNATE,
    Wish.DELETED: Trigger.DELETE,
}
"""What trying again means, by the wish that failed."""


@action(Permission.DEPLOYMENT_UPDATE)
def hibernate(deployment: Deployment, *, actor: Actor) -> Deployment:
    """Put it to sleep: every process ends, all data stays. Raises Conflict when not awake."""
    wishes.change(
        deployment, Trigger.HIBERNATE, kind=Operation.Kind.HIBERNATE, wish=Wish.STOPPED, actor=actor
    )
    return deployment


@action(Permission.DEPLOYMENT_UPDATE)
def wake(deployment: Deployment, *, actor: Actor) -> Deployment:
    """Bring a hibernating Deployment back. Raises Conflict when it does not sleep."""
    wishes.change(
        deployment, Trigger.WAKE, kind=Operation.Kind.WAKE, wish=Wish.RUNNING, actor=actor
    )
    return deployment


@action(Permission.DEPLOYMENT_UPDATE)
def retry(deployment: Deployment, *, actor: Actor) -> Deployment:
    """Try once more to fulfil the wish that failed. Raises Conflict unless it is unhealthy."""
    trigger = RETRIES[Wish(deployment.wish)]
    wishes.change(deployment, trigger, kind=Operation.Kind.RETRY, actor=actor)
    return deployment


@action(Permission.DEPLOYMENT_DELETE)
def delete(deployment: Deployment, *, typed_name: str, actor: Actor) -> Deployment:
    """Take it down; its data stays restorable for the retention time.

    Raises InvalidInput unless `typed_name` is its name, Conflict while it is already going.
    """
    if typed_name != deployment.name:
        raise InvalidInput(
            "The name you typed is not the name of this Deployment.",
            remedy=f"Type {deployment.name} exactly.",
            fields={"typed_name": f"Type {deployment.name}"},
        )
    wishes.change(
        deployment, Trigger.DELETE, kind=Operation.Kind.DELETE, wish=Wish.DELETED, actor=actor
    )
    return deployment


@action(Permission.DEPLOYMENT_DELETE)
def restore(deployment: Deployment, *, actor: Actor) -> Deployment:
    """Undo a delete within the retention time: it comes back asleep, with all its data."""
    wishes.change(
        deployment, Trigger.RESTORE, kind=Operation.Kind.RESTORE, wish=Wish.STOPPED, actor=actor
    )
    deployment.deleted_at = None
    deployment.save(update_fields=["deleted_at"])
    return deployment
