"""How long Organizations keep their audit logs."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization
from audit import retention
from audit.record import record


def _exported(organization: Organization) -> dict[str, str]:
    return {"exported": organization.exported}


@action(Permission.ORGANIZATION_AUDIT_LOGS_GET, also=_exported)
def export_audit(organization: Organization, *, asked: str, actor: Actor) -> Organization:
    """Note that somebody takes a copy of the log away, and which part they `asked` for."""
    organization.exported = asked or "everything"
    return organization


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
