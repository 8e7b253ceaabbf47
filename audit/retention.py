"""Removing what an Organization keeps no longer: from the beginning, and only what is sealed."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from django.db import connection, transaction
from django.utils import timezone

from audit import heads
from audit.models import Checkpoint, Seal
from audit.sealing import is_ours

_MOST_SEALS = 500


def remove(organization_id: str, *, before: datetime) -> int:
    """Remove rows sealed before a moment and leave a signed checkpoint; answers how many.

    As many as one step takes: 0 when nothing is left to remove, or somebody else seals or
    verifies. The last seal of a chain always stays, so that the chain goes on from it.
    """
    with transaction.atomic():
        if not is_ours():
            return 0
        seals = _expired(organization_id, before)
        if not seals:
            return 0
        _leave_checkpoint(seals[-1])
        ids = [record_id for seal in seals for record_id in seal.record_ids]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_auditrecord WHERE id = ANY(%s)", [ids])
            removed: int = cursor.rowcount
            cursor.execute("DELETE FROM audit_seal WHERE id = ANY(%s)", [[s.pk for s in seals]])
    return removed


def _expired(organization_id: str, before: datetime) -> list[Seal]:
    chain = Seal.objects.filter(organization_id=organization_id).order_by("number")
    first = list(chain.defer("digests")[: _MOST_SEALS + 1])
    return list(takewhile(lambda seal: seal.sealed_at < before, first[:-1]))


def _leave_checkpoint(seal: Seal) -> None:
    statement = {
        "organization": seal.organization_id,
        "number": seal.number,
        "rows": seal.rows,
        "head": bytes(seal.head).hex(),
        "at": timezone.now().isoformat(timespec="seconds"),
    }
    Checkpoint.objects.create(
        organization_id=seal.organization_id,
        number=seal.number,
        statement=heads.signed(statement),
    )
