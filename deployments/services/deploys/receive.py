"""The upload: whoever holds the address may write, and only there, and only for a day."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from access.actor import Actor, Origin
from access.scopes import Principal, PrincipalKind
from accounts import ip_access, suspension
from accounts.services import tokens
from deployments.models import Deploy
from deployments.services.deploys.begin import secret_hash
from deployments.uploads import Source, Upload
from web.errors import Conflict, DomainError

UPLOAD_LIFETIME = timedelta(days=1)


class UploadRefused(DomainError):
    """The address does not fit; the answer does not say whether the deploy exists."""

    status = 403
    title = "This upload address is not valid"


def check_capability(deploy_id: str, secret: str, origin: Origin) -> Deploy:
    """The deploy that an upload address opens.

    Raises UploadRefused when the address is wrong or older than a day, or when the API token
    that began the deploy is void by now; OrganizationSuspended and AddressNotAdmitted; Conflict
    when the deploy no longer waits for an upload.
    """
    deploy = Deploy.objects.select_related("deployment__organization").filter(pk=deploy_id).first()
    known = deploy.upload_secret_hash if deploy else ""
    is_right = secrets.compare_digest(known, secret_hash(secret)) and bool(secret)
    if deploy is None or not is_right or timezone.now() - deploy.created_at > UPLOAD_LIFETIME:
        raise UploadRefused(
            "The upload address is wrong, or older than a day.",
            remedy="Create a new deploy and use the address that it answers.",
        )
    if deploy.created_by_kind == PrincipalKind.API_TOKEN and not tokens.is_usable(
        deploy.created_by_id
    ):
        raise UploadRefused(
            "The API token that began this deploy was revoked or has expired.",
            remedy="Create a new deploy with a token that is still valid.",
        )
    suspension.require_active(deploy.deployment.organization)
    ip_access.require_admitted(deploy.deployment.organization, Actor(_author(deploy), origin))
    if deploy.status != Deploy.Status.INITIALIZED:
        raise Conflict(
            f"Deploy #{deploy.number} was finalized already; its content never changes.",
            remedy="Create a new deploy.",
        )
    return deploy


def _author(deploy: Deploy) -> Principal:
    kind = PrincipalKind(deploy.created_by_kind)
    return Principal(kind, deploy.created_by_id, deploy.created_by_label)


def receive(deploy: Deploy, source: Source) -> str:
    """Take a whole body; answer its version. A later body replaces an earlier one."""
    return _note(deploy, Upload(deploy.pk).store(source))


def receive_block(deploy: Deploy, block_id: str, source: Source) -> None:
    Upload(deploy.pk).store_block(block_id, source)


def receive_block_list(deploy: Deploy, block_ids: Sequence[str]) -> str:
    """Join blocks to the body; answer its version. Raises InvalidInput for a missing one."""
    return _note(deploy, Upload(deploy.pk).join(block_ids))


def _note(deploy: Deploy, version: str) -> str:
    Deploy.objects.filter(pk=deploy.pk, status=Deploy.Status.INITIALIZED).update(
        upload_version=version
    )
    return version
