"""A filter as a question to the database. Only listed attributes can be asked for; values are
parameters, and no text of a request becomes part of a statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Lower
from django.db.models.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
    StartsWith,
)
from django.utils.dateparse import parse_date, parse_datetime

from api.scim.errors import InvalidFilter
from api.scim.filters.sources import Source, Table, Values, cannot, parts_of
from api.scim.filters.tree import Comparison, Joined, Literal, Node, Not
from api.scim.schema import Attribute, Place

_LOOKUPS: Mapping[str, type[Any]] = {
    "eq": Exact, "co": Contains, "sw": StartsWith, "ew": EndsWith,
    "gt": GreaterThan, "ge": GreaterThanOrEqual, "lt": LessThan, "le": LessThanOrEqual,
}  # fmt: skip


def question(table: Table, node: Node) -> Q:
    """The rows for which a filter holds. Raises InvalidFilter for what cannot be asked.

    `ne` and `not` hold also where there is no value; an attribute with several holds where any of
    them does.
    """
    return _walked(node, lambda leaf: _asked(table, leaf))


def order(table: Table, path: str) -> Any:
    """What to sort by; of a list its first value. Raises InvalidFilter."""
    place = table.place(path)
    attribute = place.attribute
    if attribute.is_many:
        part = place.sub.name if place.sub else "value"
        parts_of(attribute, part)
        return Lower(KeyTextTransform(part, KeyTransform(0, table.whole(place))))
    if attribute.is_complex and place.sub is None:
        raise cannot(path, "has parts: name one of them")
    return _folded(table.single(place), place.leaf)


def _walked(node: Node, leaf: Callable[[Any], Q]) -> Q:
    """The same joins around the question of each leaf."""
    if isinstance(node, Joined):
        join = and_ if node.word == "and" else or_
        return reduce(join, (_walked(each, leaf) for each in node.parts))
    if isinstance(node, Not):
        return ~_walked(node.inner, leaf)
    return leaf(node)


def _asked(table: Table, node: Node) -> Q:
    place = table.place(getattr(node, "path", ""))
    if place.attribute.is_many:
        return _of_list(table.values(place), place, node)
    if not isinstance(node, Comparison):
        raise cannot(place.attribute.name, "has no list of values")
    if place.attribute.is_complex and place.sub is None:
        return _of_whole(table, place, node)
    return _fits(table.single(place), place.leaf, node)


def _of_whole(table: Table, place: Place, node: Comparison) -> Q:
    """An attribute with parts: it is there, or it is asked for by its `value`."""
    if node.operator == "pr":
        return Q(IsNull(table.whole(place), False))  # noqa: FBT003
    value = place.attribute.sub("value")
    if value is None:
        raise cannot(node.path, "has parts: name one of them")
    return _fits(table.single(Place(place.attribute, place.extension, value)), value, node)


def _of_list(values: Values, place: Place, node: Node) -> Q:
    attribute = place.attribute
    if not isinstance(node, Comparison):
        inner = getattr(node, "inner")  # noqa: B009
        return values.any(_walked(inner, lambda leaf: _of_part(values, attribute, leaf)))
    if node.operator == "pr" and place.sub is None:
        return values.any(_ANY)
    part = place.sub.name if place.sub else "value"
    return values.any(_of_part(values, attribute, Comparison(part, node.operator, node.value)))


def _of_part(values: Values, attribute: Attribute, node: Node) -> Q:
    if not isinstance(node, Comparison):
        raise cannot(attribute.name, "has no lists within")
    part = parts_of(attribute, node.path)
    source = values.part(part.name)
    if source is None:
        raise cannot(f"{attribute.name}.{part.name}", "cannot be asked for")
    return _fits(source, part, node)


def _fits(source: Source, attribute: Attribute, node: Comparison) -> Q:
    """A question that is never answered by "unknown", so that `not` of it is right."""
    if node.operator == "pr":
        return _is_there(source)
    if node.value is None:
        return _of_nothing(source, node)
    if node.operator == "ne":
        return ~_fits(source, attribute, Comparison(node.path, "eq", node.value))
    value = _value(attribute, node)
    if attribute.type == "boolean" and not source.is_never_null:
        value = str(value).lower()  # JSON's own word for it
    compared = Q(_LOOKUPS[node.operator](_folded(source, attribute), value))
    return compared if source.is_never_null else _is_there(source) & compared


def _of_nothing(source: Source, node: Comparison) -> Q:
    """`eq null` asks for what is not there."""
    if node.operator not in ("eq", "ne"):
        raise InvalidFilter("null can be compared by eq and ne only.", remedy="Use pr.")
    return _is_there(source) if node.operator == "ne" else ~_is_there(source)


def _is_there(source: Source) -> Q:
    found = Q(IsNull(source.expression, False))  # noqa: FBT003
    return found & ~Q(Exact(source.expression, "")) if source.is_blank_absent else found


def _folded(source: Source, attribute: Attribute) -> Any:
    """The value to compare: of what has no letter case of its own, in small letters."""
    is_plain = attribute.type in ("boolean", "dateTime") or attribute.is_case_exact
    return source.expression if is_plain or source.is_folded else Lower(source.expression)


def _value(attribute: Attribute, node: Comparison) -> Any:
    if attribute.type == "boolean":
        return _truth(attribute, node)
    if not isinstance(node.value, str):
        raise cannot(node.path, "is a text: put the value between double quotes")
    if attribute.type == "dateTime":
        return _moment(attribute, node)
    return node.value if attribute.is_case_exact else node.value.lower()


def _truth(attribute: Attribute, node: Comparison) -> bool:
    if node.operator != "eq":
        raise cannot(node.path, "is true or false: compare it by eq or ne")
    words = {"true": True, "false": False}
    value: Literal = node.value
    if isinstance(value, str):  # Entra ID puts it between quotes
        value = words.get(value.lower())
    if not isinstance(value, bool):
        raise cannot(node.path, "is true or false")
    return value


def _moment(attribute: Attribute, node: Comparison) -> datetime:
    if node.operator in ("co", "sw", "ew"):
        raise cannot(node.path, "is a moment: compare it by eq, ne, gt, ge, lt or le")
    text = str(node.value)
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        found, day = None, None
    if found is None and day is not None:
        found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if found is None:
        raise cannot(node.path, "is a moment, such as 2026-01-31T12:00:00Z")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_ANY = Q(Exact(Value(1), 1))
