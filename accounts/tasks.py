"""What beat asks of Organizations."""

from __future__ import annotations

from celery import shared_task

from access.actor import system
from accounts.models import Organization
from accounts.services import keeping


@shared_task
def expire_audit() -> None:
    """Remove from each audit log what is older than its Organization keeps."""
    for organization in Organization.objects.filter(audit_retention_days__isnull=False):
        keeping.remove_expired(organization, actor=system("retention"))
