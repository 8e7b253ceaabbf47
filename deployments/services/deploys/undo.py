"""When Airflow cannot be switched to a deploy: the wish goes back to what is served."""

from __future__ import annotations

from access.actor import system
from deployments.lifecycle import Trigger
from deployments.models import Deploy, Deployment, Operation, Wish
from deployments.provisioners.base import Failure
from deployments.services import wishes
from deployments.services.deploys.finalize import fail

_KINDS = frozenset({Operation.Kind.DEPLOY, Operation.Kind.ROLL_BACK})


def undo(deployment: Deployment, operation: Operation, failure: Failure) -> None:
    """End the deploy of a failed operation and wish for the one that Airflow serves.

    Call it with the Deployment's row locked, after the failure was written down. Does nothing
    for an operation that is not about a deploy, or whose deploy was replaced meanwhile.
    """
    deploy = operation.deploy
    if deploy is None or operation.kind not in _KINDS:
        return
    fail(deploy, cause=failure.cause, remedy=failure.remedy)
    if deployment.current_deploy_id != deploy.pk or deployment.wish != Wish.RUNNING:
        return
    former = _served(deployment, failed=deploy)
    deployment.current_deploy = former
    deployment.save(update_fields=["current_deploy"])
    back_to = f"deploy #{former.number}" if former else "no deploy"
    wishes.change(
        deployment,
        Trigger.RETRY,
        kind=Operation.Kind.RETRY,
        reason=f"Deploy #{deploy.number} failed: {failure.cause} Going back to {back_to}.",
        actor=system("reconciler"),
    )


def _served(deployment: Deployment, *, failed: Deploy) -> Deploy | None:
    """What Airflow serves now; where it says nothing, the newest that it ever served."""
    served = deployment.deploys.filter(status=Deploy.Status.DEPLOYED).exclude(pk=failed.pk)
    active = served.filter(pk=deployment.active_deploy_id).first()
    return active or served.exclude(active_at=None).first()
