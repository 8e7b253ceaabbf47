"""What beat asks of Organizations."""

from __future__ import annotations

from celery import shared_task

from access.actor import system
from accounts.models import Organization
from accounts.services import ends, keeping


@shared_task
def end_grants() -> None:
    """Remove the grants that ended, and come back at the moment when the next ones do."""
    remove_ended_grants()
    for moment in ends.upcoming():
        remove_ended_grants.apply_async(eta=moment, expires=moment + ends.LOOK_AHEAD)


@shared_task
def remove_ended_grants() -> None:
    """Rights end at their moment by themselves; this clears the table and tells open pages."""
    ends.remove_ended(actor=system("ends"))


@shared_task
def expire_audit() -> None:
    """Remove from each audit log what is older than its Organization keeps."""
    for organization in Organization.objects.filter(audit_retention_days__isnull=False):
        keeping.remove_expired(organization, actor=system("retention"))
