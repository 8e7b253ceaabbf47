"""The book as newline-delimited JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import QuerySet

from audit.lines import COLUMNS
from audit.models import AuditRecord

CONTENT_TYPE = "application/x-ndjson"
_AT_ONCE = 1000


async def lines(rows: QuerySet[AuditRecord]) -> AsyncIterator[bytes]:
    """A JSON object for each row, the first one first, up to the last that there is now.

    Fields are named as the API names its own. A thousand rows are in memory at a time.
    """
    ordered = rows.order_by("id").values_list(*COLUMNS)
    newest = await sync_to_async(_newest)(rows)
    last = 0
    while some := await sync_to_async(_read)(ordered.filter(id__gt=last, id__lte=newest)):
        yield b"".join(map(_line, some))
        last = some[-1][0]


def _newest(rows: QuerySet[AuditRecord]) -> int:
    return rows.order_by("-id").values_list("id", flat=True).first() or 0


def _read(rows: QuerySet[AuditRecord, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    try:
        return list(rows[:_AT_ONCE])
    finally:
        if not connection.in_atomic_block:
            connection.close()  # a slow reader keeps none of the pool between two looks


def facts_of(record_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Those of the rows that there are, in the order of their ids, fields named as by the API."""
    rows = AuditRecord.objects.filter(pk__in=record_ids).order_by("id").values_list(*COLUMNS)
    return [_facts(row) for row in rows]


def line_of(facts: dict[str, Any]) -> bytes:
    """As JSON with a line end."""
    return json.dumps(facts, ensure_ascii=False).encode() + b"\n"


def _line(row: tuple[Any, ...]) -> bytes:
    return line_of(_facts(row))


def _facts(row: tuple[Any, ...]) -> dict[str, Any]:
    facts = dict(zip(_NAMES, row, strict=True))
    return facts | {"at": facts["at"].isoformat()}


def _named(column: str) -> str:
    first, *others = column.split("_")
    return first + "".join(map(str.title, others))


_NAMES = tuple(map(_named, COLUMNS))
