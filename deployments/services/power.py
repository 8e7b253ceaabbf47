"""Asleep, awake, gone and back."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from access.scopes import ScopeKind
from accounts.services import tokens
from deployments import archives, backends, spec
from deployments.lifecycle import RETENTION, Status, Trigger
from deployments.models import Deployment, Operation, Wish
from deployments.services import wishes
from web.errors import Conflict, InvalidInput

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


def rest(deployment: Deployment, *, asleep: bool, actor: Actor) -> Deployment:
    """Hibernate or wake; one that is wished to be so already stays as it is.

    Raises PermissionDenied, and Conflict in a status that allows neither.
    """
    require(actor, Permission.DEPLOYMENT_UPDATE, deployment)
    wish = Wish.STOPPED if asleep else Wish.RUNNING
    if deployment.wish == wish:
        return deployment
    return (hibernate if asleep else wake)(deployment, actor=actor)


@action(Permission.DEPLOYMENT_UPDATE)
def retry(deployment: Deployment, *, actor: Actor) -> Deployment:
    """Try once more to fulfil the wish that failed. Raises Conflict unless it is unhealthy."""
    trigger = RETRIES[Wish(deployment.wish)]
    wishes.change(deployment, trigger, kind=Operation.Kind.RETRY, actor=actor)
    return deployment


@action(Permission.DEPLOYMENT_DELETE)
def delete(deployment: Deployment, *, typed_name: str, actor: Actor) -> Deployment:
    """Take it down; its data stays restorable for the retention time, its API tokens do not.

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
    tokens.revoke_all(ScopeKind.DEPLOYMENT, deployment.pk)
    return deployment


@action(Permission.DEPLOYMENT_DELETE)
def restore(deployment: Deployment, *, actor: Actor) -> Deployment:
    """Undo a delete within the retention time: it comes back asleep, with all its data.

    The right is that to delete, for reasons that `access.permissions` gives.
    Raises Conflict when its time is over, or another Deployment has its name by now.
    """
    if _is_expired(deployment):
        raise Conflict("The time in which this Deployment could be restored is over.")
    try:
        with transaction.atomic():
            wishes.change(
                deployment,
                Trigger.RESTORE,
                kind=Operation.Kind.RESTORE,
                wish=Wish.STOPPED,
                actor=actor,
            )
    except IntegrityError:
        raise Conflict(
            f"Another Deployment of the Workspace is named {deployment.name} by now.",
            remedy="Rename that one, then restore this one.",
        ) from None
    deployment.deleted_at = None
    deployment.save(update_fields=["deleted_at"])
    return deployment


@action(Permission.DEPLOYMENT_DELETE)
def purge(deployment: Deployment, *, actor: Actor) -> None:
    """Remove every trace of a deleted Deployment whose retention has ended; nothing brings it back.

    Raises Conflict before that time, and ProvisionerError when the cluster cannot do it now.
    """
    if deployment.status != Status.DELETED or not _is_expired(deployment):
        raise Conflict("This Deployment is still retained.")
    backend = backends.provisioner(deployment.cluster)
    backend.purge(deployment.backend_state or backend.address(deployment.pk))
    archives.remove(spec.deploy_folder(deployment.pk, "").resolve())
    Deployment.objects.filter(pk=deployment.pk).update(current_deploy=None)
    deployment.delete()


def _is_expired(deployment: Deployment) -> bool:
    gone_at = deployment.deleted_at
    return gone_at is not None and gone_at <= timezone.now() - RETENTION
