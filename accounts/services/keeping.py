"""How long Organizations keep their audit logs."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from access.actor import Actor
from accounts.models import Organization
from audit import retention
from audit.record import record


def remove_expired(organization: Organization, *, actor: Actor) -> int:
    """Remove what is older than it keeps, and say so in its log; answers how many rows.

    Nothing where it keeps all for ever.
    """
    days = organization.audit_retention_days
    if days is None:
        return 0
    before = timezone.now() - timedelta(days=days)
    removed = 0
    while step := retention.remove(organization.pk, before=before):
        removed += step
    if removed:
        after = {"removed_rows": removed, "sealed_before": before.isoformat(timespec="seconds")}
        record(actor, "accounts.remove_expired_audit", organization, after=after)
    return removed
