"""Sealing the book: rows that were committed take their place in their Organization's chain.

Nobody who writes waits for it: a row is one INSERT without a lock, and its seal comes seconds
later. What commits late gets a later place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.db import connection, transaction
from django.utils import timezone

from audit import lines
from audit.lines import Line
from audit.models import Seal

GENESIS = bytes(32)
REMOVED = bytes(32)
"""In place of the digest of a row that was gone before it was sealed."""
_MOST = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCK = 0x4155444954  # "AUDIT"


def seal(most: int = _MOST, *, after: int = 0) -> list[int]:
    """Seal up to `most` rows, each Organization's into one seal; answers their ids, sorted.

    `after` passes over ids up to there. Nothing is sealed while somebody else seals or verifies:
    there is one chain to go on with.
    """
    with transaction.atomic():
        if not is_ours():
            return []
        waiting = _take(most, after)
        found = list(lines.read(waiting))
        absent = set(waiting) - {line.record_id for line in found}
        found += [Line(record_id, 0, "", REMOVED) for record_id in sorted(absent)]
        Seal.objects.bulk_create(_seals(found, timezone.now()))
    return waiting


def seal_all() -> int:
    """Seal what waits; answers how many. What commits with a lower id meanwhile goes on waiting."""
    sealed, last = 0, 0
    while ids := seal(after=last):
        sealed += len(ids)
        last = ids[-1]  # so that no question wades through what was sealed a moment ago
    return sealed


def head_of(
    previous: bytes, organization_id: str, number: int, rows: int,
    sealed_at: datetime, record_ids: Sequence[int], digests: bytes,
) -> bytes:  # fmt: skip
    """The head of a chain with this seal at its end: it vouches for everything before as well."""
    ids = ",".join(map(str, record_ids))
    facts = f"{organization_id}\n{number}\n{rows}\n{microseconds(sealed_at)}\n{ids}\n"
    return sha256(previous + facts.encode() + digests).digest()


def microseconds(moment: datetime) -> int:
    """Since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def hold_still() -> None:
    """Until this transaction ends nobody seals or removes; waits for who does so now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def is_ours() -> bool:
    """Whether this transaction alone may go on with the chain, or shorten it, until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _take(most: int, after: int) -> list[int]:
    """Ids of rows that wait, no longer waiting once this transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_unsealed WHERE record_id = ANY(ARRAY(SELECT record_id"
            " FROM audit_unsealed WHERE record_id > %s ORDER BY record_id LIMIT %s))"
            " RETURNING record_id",
            [after, most],
        )
        return sorted(record_id for (record_id,) in cursor.fetchall())


def _seals(found: Iterable[Line], now: datetime) -> list[Seal]:
    chains: dict[str, list[Line]] = defaultdict(list)
    for line in found:
        chains[line.organization_id].append(line)
    ends = _ends(list(chains))
    return [_seal(name, ends.get(name), rows, now) for name, rows in chains.items()]


def _seal(
    organization_id: str, end: tuple[int, int, bytes] | None, found: list[Line], now: datetime
) -> Seal:
    number, rows, previous = end or (0, 0, GENESIS)
    number, rows = number + 1, rows + len(found)
    record_ids = [line.record_id for line in found]
    digests = b"".join(line.digest for line in found)
    return Seal(
        organization_id=organization_id, number=number, rows=rows, record_ids=record_ids,
        digests=digests, sealed_at=now,
        head=head_of(previous, organization_id, number, rows, now, record_ids, digests),
    )  # fmt: skip


def _ends(organization_ids: list[str]) -> dict[str, tuple[int, int, bytes]]:
    """The number, rows and head of the last seal of each chain."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, number, rows, head FROM unnest(%s::text[]) AS name CROSS JOIN LATERAL"
            " (SELECT number, rows, head FROM audit_seal WHERE organization_id = name"
            " ORDER BY number DESC LIMIT 1) AS last",
            [organization_ids],
        )
        return {name: (number, rows, bytes(head)) for name, number, rows, head in cursor}
