"""From an upload to the version that Airflow shall serve."""

from __future__ import annotations

import errno

from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from deployments import archives
from deployments.archive_members import ArchiveError
from deployments.events import announce
from deployments.lifecycle import Trigger
from deployments.models import Deploy, Deployment, Operation
from deployments.services import wishes
from deployments.services.deploys.begin import check_open, lock
from deployments.spec import deploy_folder
from deployments.uploads import Upload, disk_full
from web.errors import Conflict, InvalidInput


class BadArchive(InvalidInput):
    title = "This archive cannot be deployed"


def deliver(deploy: Deploy, *, version: str, actor: Actor) -> Deploy:
    """Finalize, and raise BadArchive when the upload is not one that can be served."""
    done = finalize(deploy, version=version, actor=actor)
    if done.status == Deploy.Status.FAILED:
        raise BadArchive(done.failure_cause, remedy=done.failure_remedy)
    return done


@action(Permission.DEPLOYMENT_DEPLOYS_CREATE)
def finalize(deploy: Deploy, *, version: str, actor: Actor) -> Deploy:
    """Unpack the upload, seal it, and wish for it.

    Repeating it changes nothing. A bad archive makes the deploy FAILED with its cause, and what
    runs goes on. A deploy with a higher number that was finalized before stays the current one.
    Raises InvalidInput when `version` is not what the upload answered, Conflict when the deploy
    has failed or the Deployment takes no deploy.
    """
    if deploy.status == Deploy.Status.DEPLOYED and version == deploy.upload_version:
        return deploy
    _check(deploy, version)
    check_open(deploy.deployment)  # unpacking may take seconds: the Deployment stays unlocked
    deploy.finalized_at = timezone.now()
    try:
        _unpack(deploy)
    except ArchiveError as error:
        fail(deploy, cause=error.cause, remedy=error.remedy)
    else:
        serve(deploy, kind=Operation.Kind.DEPLOY, actor=actor)
    Upload(deploy.pk).discard()
    return deploy


def serve(deploy: Deploy, *, kind: Operation.Kind, actor: Actor) -> None:
    """Store a complete deploy and wish for it, unless a newer one is wished for already."""
    deployment = lock(deploy.deployment)
    deploy.status = Deploy.Status.DEPLOYED
    deploy.save()
    if not is_newest(deploy, deployment):
        return
    deployment.current_deploy = deploy
    deployment.save(update_fields=["current_deploy"])
    wishes.change(deployment, Trigger.CHANGE, kind=kind, deploy=deploy, actor=actor)
    announce(deployment.pk)


def fail(deploy: Deploy, *, cause: str, remedy: str) -> None:
    """End a deploy; what runs stays what it is."""
    deploy.status = Deploy.Status.FAILED
    deploy.failure_cause, deploy.failure_remedy = cause[:1000], remedy[:1000]
    deploy.save()
    announce(deploy.deployment_id)


def is_newest(deploy: Deploy, deployment: Deployment) -> bool:
    current = deployment.current_deploy
    return current is None or current.number < deploy.number


def _check(deploy: Deploy, version: str) -> None:
    if deploy.status != Deploy.Status.INITIALIZED:
        raise Conflict(
            f"Deploy #{deploy.number} has ended already: {deploy.get_status_display()}.",
            remedy="Create a new deploy.",
        )
    if not deploy.upload_version:
        raise InvalidInput(
            "Nothing was uploaded to this deploy yet.",
            remedy="Upload the archive to the address that creating the deploy answered.",
            fields={"dagTarballVersion": "No upload"},
        )
    if version != deploy.upload_version:
        raise InvalidInput(
            "dagTarballVersion is not the version that the last upload answered.",
            remedy="Send the value of the header x-ms-version-id of your upload.",
            fields={"dagTarballVersion": "Another version was uploaded"},
        )


def _unpack(deploy: Deploy) -> None:
    """A folder left by a finalize that was killed belongs to nobody: it goes first."""
    target = deploy_folder(deploy.deployment_id, deploy.pk)
    archives.remove(target)
    try:
        content = archives.unpack(Upload(deploy.pk).body(deploy.upload_version), target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full() from error
        raise
    deploy.content_version = deploy.pk
    deploy.sha256, deploy.size_bytes = content.sha256, content.size_bytes
    deploy.file_count = content.file_count
