"""Lists: filter, order and pages, by index (RFC 7644, 3.4.2) and by cursor (RFC 9865)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core import signing
from django.db.models import QuerySet

from api.scim.errors import ExpiredCursor, InvalidCount, InvalidCursor, ScimError
from api.scim.filters import asking
from api.scim.filters.parser import parse
from api.scim.filters.sources import Table

LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
USUAL, MOST = 100, 1_000
CURSOR_SECONDS = 3_600
_SALT = "api.scim.cursor"
_FARTHEST = 2_000_000_000


@dataclass(frozen=True)
class Page:
    rows: Sequence[Any]
    total: int
    start: int | None = None
    next_cursor: str = ""

    def listed(self, resources: list[Any]) -> dict[str, Any]:
        by_index = {"startIndex": self.start} if self.start is not None else {}
        by_cursor = {"nextCursor": self.next_cursor} if self.next_cursor else {}
        return {
            "schemas": [LIST_URN],
            "totalResults": self.total,
            **by_index,
            **by_cursor,
            "itemsPerPage": len(resources),
            "Resources": resources,
        }


def page(table: Table, rows: QuerySet[Any], query: Mapping[str, str]) -> Page:
    """The page that a query asks for. Raises ScimError for what it cannot mean."""
    if text := query.get("filter", "").strip():
        rows = rows.filter(asking.question(table, parse(text)))
    start, count = window(query)
    if "cursor" in query:
        return _by_cursor(table, rows, query, count)
    ordered = rows.order_by(*_order(table, query))
    found = _part(ordered, start - 1, count) if count else []
    is_whole = start == 1 and len(found) < count
    return Page(found, len(found) if is_whole else rows.count(), start)


def window(query: Mapping[str, str]) -> tuple[int, int]:
    """Where a page begins, from 1, and how many it has at most. Raises ScimError."""
    return max(1, _number(query, "startIndex", 1)), _count(query)


def _by_cursor(table: Table, rows: QuerySet[Any], query: Mapping[str, str], count: int) -> Page:
    """In the usual order a cursor names the last row, so that what comes and goes meanwhile
    neither repeats nor hides another; sorted, it counts rows."""
    if not count:
        raise InvalidCount("count must be at least 1 with a cursor.", remedy="Leave it out.")
    total = rows.count()
    asked = _fingerprint(table, query)
    after = _opened(query["cursor"], asked)
    is_sorted = bool(query.get("sortBy"))
    ordered = rows.order_by(*_order(table, query))
    if is_sorted:
        found = _part(ordered, int(after or 0), count + 1)
    else:
        found = list((ordered.filter(pk__gt=after) if after else ordered)[: count + 1])
    more, found = len(found) > count, found[:count]
    last = str(int(after or 0) + count) if is_sorted else (found[-1].pk if found else "")
    cursor = signing.dumps([asked, last], salt=_SALT) if more else ""
    return Page(found, total, next_cursor=cursor)


def _part(ordered: QuerySet[Any], begin: int, count: int) -> list[Any]:
    """Far down the list rows are passed over by their ids, which an index holds; whole ones, each
    with all that its provider said, PostgreSQL would read and sort."""
    if not begin:
        return list(ordered[:count])
    return list(ordered.filter(pk__in=ordered.values("pk")[begin : begin + count]))


def _opened(cursor: str, asked: str) -> str:
    if not cursor:
        return ""
    try:
        fingerprint, last = signing.loads(cursor, salt=_SALT, max_age=CURSOR_SECONDS)
    except signing.SignatureExpired:
        raise ExpiredCursor("The cursor is older than an hour.", remedy="Begin anew.") from None
    except signing.BadSignature:
        raise InvalidCursor("This cursor was not made here.", remedy="Begin anew.") from None
    if fingerprint != asked:
        raise InvalidCursor("The cursor belongs to another question.", remedy="Begin anew.")
    return str(last)


def _fingerprint(table: Table, query: Mapping[str, str]) -> str:
    """Of what is asked, page size aside."""
    words = (query.get(each, "") for each in ("filter", "sortBy", "sortOrder"))
    return sha256("\x1f".join((table.kind.name, *words)).encode()).hexdigest()[:16]


def _order(table: Table, query: Mapping[str, str]) -> list[Any]:
    by = query.get("sortBy", "").strip()
    if not by:
        return ["pk"]
    word = query.get("sortOrder", "ascending").lower()
    if word not in ("ascending", "descending"):
        raise ScimError("sortOrder must be ascending or descending.", remedy="Send one of them.")
    found = asking.order(table, by)
    return [found.desc() if word == "descending" else found.asc(), "pk"]


def _count(query: Mapping[str, str]) -> int:
    return min(MOST, max(0, _number(query, "count", USUAL)))


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return usual
    try:
        return max(-_FARTHEST, min(_FARTHEST, int(text)))
    except ValueError:
        kind = InvalidCount if name == "count" else ScimError
        raise kind(f"{name} must be a whole number.", remedy="Leave it out.") from None
