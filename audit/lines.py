"""A row of the book as bytes: what its seal is the digest of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from django.db import connection

COLUMNS = (
    "id", "at", "organization_id", "workspace_id", "deployment_id", "actor_kind", "actor_id",
    "actor_label", "action", "target_type", "target_id", "target_label", "outcome", "before",
    "after", "door", "source_ip", "user_agent", "request_id",
)  # fmt: skip
_SHOWN = ", ".join(
    "(extract(epoch FROM at) * 1000000)::bigint" if name == "at" else name for name in COLUMNS
)
_COPY = f"COPY (SELECT {_SHOWN} FROM audit_auditrecord WHERE %s ORDER BY id) TO STDOUT"  # noqa: S608
_SOME, _RANGE = _COPY % "id = ANY(%s)", _COPY % "id BETWEEN %s AND %s"
_DENSE = 2
"""A range is read as a whole where at most every second row of it is too many."""


class Line(NamedTuple):
    """What sealing and verifying need to know of a row."""

    record_id: int
    at: int
    """Microseconds since 1970."""
    organization_id: str
    digest: bytes


def read(record_ids: Sequence[int]) -> Iterator[Line]:
    """Those of the rows that there are, sorted by id.

    The bytes are the row as PostgreSQL's COPY writes text: values between tabs, escaped, so that
    no two rows look alike; the moment as a number, so that no session's settings matter. Hashed
    here and not by the database, which is what is to be judged.
    """
    wanted = set(record_ids)
    first, last = min(wanted, default=0), max(wanted, default=0)
    is_dense = last - first < _DENSE * len(wanted)
    query, values = (_RANGE, [first, last]) if is_dense else (_SOME, [list(wanted)])
    with connection.cursor() as cursor, cursor.copy(query, values) as rows:
        for row in rows:
            line = bytes(row)
            name, at, organization_id, _ = line.split(b"\t", 3)
            if (record_id := int(name)) in wanted:
                yield Line(record_id, int(at), organization_id.decode(), sha256(line).digest())
