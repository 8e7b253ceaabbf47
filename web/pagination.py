"""Keyset pages: a page is found by the last row of the one before, never by counting.

The cost of a page does not grow with its depth, and a row that appears or goes meanwhile
neither repeats nor hides another.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Field, Model, Q, QuerySet

_LONGEST_CURSOR = 1000

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keyset:
    """The order of a list: one field, the primary key as tie-breaker, empty values last."""

    field: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows, with the addresses of its neighbours (empty when there is none)."""

    rows: Sequence[T]
    next_url: str = ""
    previous_url: str = ""


Link = Callable[[str, str], str]


def cut(
    rows: QuerySet[M], keyset: Keyset, *, size: int, after: str, before: str, link: Link
) -> Page[M]:
    """Return the rows after or before a cursor; a cursor that cannot be read is the first page.

    `link(place, cursor)` makes an address from "after" or "before" and a cursor. One query.
    """
    goes_back = bool(before)
    position = _read(rows, keyset, before or after)
    if position is None:
        goes_back = False
    has_empty = _may_be_empty(rows, keyset.field)
    ordered = rows.order_by(*_order(keyset, reverse=goes_back, has_empty=has_empty))
    if position is not None:
        ordered = ordered.filter(_beyond(keyset, position, reverse=goes_back, has_empty=has_empty))
    found = list(ordered[: size + 1])
    shown, has_more = found[:size], len(found) > size
    if goes_back:
        shown.reverse()
    has_next = bool(shown) and (goes_back or has_more)
    has_previous = bool(shown) and (has_more if goes_back else position is not None)
    return Page(
        rows=shown,
        next_url=link("after", _write(keyset, shown[-1])) if has_next else "",
        previous_url=link("before", _write(keyset, shown[0])) if has_previous else "",
    )


def _order(keyset: Keyset, *, reverse: bool, has_empty: bool) -> tuple[Any, Any]:
    """Where nothing can be empty, nothing is said of it: an index would not serve that order."""
    is_down = keyset.is_descending != reverse
    name = F(keyset.field)
    at_end = {"nulls_first": True} if reverse else {"nulls_last": True}
    nulls: dict[str, bool] = at_end if has_empty else {}
    first = name.desc(**nulls) if is_down else name.asc(**nulls)
    return first, F("pk").desc() if is_down else F("pk").asc()


def _beyond(keyset: Keyset, position: tuple[Any, Any], *, reverse: bool, has_empty: bool) -> Q:
    """The rows on the far side of a position; empty values stand at the end of the list."""
    value, pk = position
    compare = "lt" if keyset.is_descending != reverse else "gt"
    is_empty = Q(**{f"{keyset.field}__isnull": True})
    tied = Q(**{f"pk__{compare}": pk})
    if value is None:
        return (is_empty & tied) | ~is_empty if reverse else is_empty & tied
    beyond = Q(**{f"{keyset.field}__{compare}": value}) | (Q(**{keyset.field: value}) & tied)
    return beyond if reverse or not has_empty else beyond | is_empty


def _write(keyset: Keyset, row: Model) -> str:
    value: Any = row
    for name in keyset.field.split("__"):
        value = getattr(value, name, None)
    packed = json.dumps([value, row.pk], cls=DjangoJSONEncoder, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _read(rows: QuerySet[M], keyset: Keyset, cursor: str) -> tuple[Any, Any] | None:
    if not cursor or len(cursor) > _LONGEST_CURSOR:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, pk = json.loads(base64.urlsafe_b64decode(padded.encode()))
        key = rows.model._meta.pk.to_python(pk)
        typed = None if value is None else _field(rows, keyset.field).to_python(value)
    except (ValueError, TypeError, binascii.Error, ValidationError, UnicodeError):
        return None
    return typed, key


def _may_be_empty(rows: QuerySet[M], path: str) -> bool:
    """Whether some row can have no value there: by the field, or by a relation that leads to it."""
    if path in rows.query.annotations:
        return True
    model: Any = rows.model
    for name in path.split("__"):
        found = model._meta.get_field(name)
        if found.null:
            return True
        model = found.related_model
    return False


def _field(rows: QuerySet[M], path: str) -> Field[Any, Any]:
    annotation = rows.query.annotations.get(path)
    if annotation is not None:
        return annotation.output_field
    model: Any = rows.model
    found: Any = None
    for name in path.split("__"):
        found = model._meta.get_field(name)
        model = found.related_model
    if found is None:
        raise FieldDoesNotExist(path)
    return cast("Field[Any, Any]", found)
