"""What uploads and unpackings leave behind when nobody finishes them."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from deployments import archives, uploads
from deployments.models import Deploy
from deployments.services.deploys.finalize import fail
from deployments.services.deploys.receive import UPLOAD_LIFETIME


def tidy() -> None:
    """End deploys that were begun a day ago and never finalized, and remove their bytes.

    A draft is removed once it is older than any unpacking can take.
    """
    stale = Deploy.objects.filter(
        status=Deploy.Status.INITIALIZED, created_at__lt=timezone.now() - UPLOAD_LIFETIME
    )
    for deploy in stale:
        fail(deploy, cause="It was begun, but never finalized.", remedy="Create a new deploy.")
    uploads.sweep(older_than_seconds=2 * UPLOAD_LIFETIME.total_seconds())
    archives.sweep(settings.DATA_DIR / "deploys", older_than_seconds=3600)
