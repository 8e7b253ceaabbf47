"""Where the attributes of a resource type are found in the database: the list of what can be
asked for and sorted by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, CharField, Exists, Expression, Func, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from api.scim.errors import InvalidFilter
from api.scim.schema import Attribute, Kind, Place


@dataclass(frozen=True)
class Source:
    """The expression of one value."""

    expression: Any
    is_folded: bool = False
    """Kept in small letters, so that its index answers."""
    is_never_null: bool = False
    is_blank_absent: bool = False
    """An empty text means that there is none."""


@dataclass(frozen=True)
class Values:
    """A list: the expression of each part of a value, and whether any value fits a condition."""

    part: Callable[[str], Source | None]
    any: Callable[[Q], Q]


@dataclass(frozen=True)
class Related:
    """A list whose values are rows of another table."""

    rows: QuerySet[Any]
    parts: Mapping[str, Source]


@dataclass(frozen=True)
class Table:
    """The rows of a resource type."""

    kind: Kind
    columns: Mapping[str, Source]
    """By path, for example `meta.created`."""
    json: str = ""
    """The column that holds all other attributes, if there is one."""
    related: Mapping[str, Related] = field(default_factory=dict)

    def place(self, path: str) -> Place:
        """Raises InvalidFilter for what is no attribute, or is kept from everybody."""
        found = self.kind.find(path)
        if found is None or found.attribute.returned == "never":
            raise cannot(path, "is no attribute here")
        return found

    def single(self, place: Place) -> Source:
        """The value of an attribute that has at most one. Raises InvalidFilter."""
        column = self.columns.get(".".join(place.path))
        if column is not None:
            return column
        if not self.json or place.attribute.is_read_only:
            raise cannot(".".join(place.path), "cannot be asked for")
        *outer, last = place.path
        return Source(KeyTextTransform(last, self._at(outer)))

    def whole(self, place: Place) -> Any:
        """All of an attribute with parts, as JSON. Raises InvalidFilter."""
        if not self.json or place.attribute.is_read_only:
            raise cannot(place.attribute.name, "cannot be asked for as a whole")
        return self._at(place.path[:-1] if place.sub else place.path)

    def values(self, place: Place) -> Values:
        """The values of a list. Raises InvalidFilter."""
        related = self.related.get(place.attribute.name)
        if related is not None:
            return Values(related.parts.get, lambda fits: Q(Exists(related.rows.filter(fits))))
        array = self.whole(place)
        return Values(_part, lambda fits: Q(_AnyValue(array, fits)))

    def _at(self, path: list[str] | tuple[str, ...]) -> Any:
        found: Any = self.json
        for name in path:
            found = KeyTransform(name, found)
        return found


def cannot(path: str, words: str) -> InvalidFilter:
    return InvalidFilter(f"{path[:80]} {words}.", remedy="See /Schemas for what there is.")


def parts_of(attribute: Attribute, name: str) -> Attribute:
    """One part of a list's values. Raises InvalidFilter."""
    found = attribute.sub(name)
    if found is None:
        raise cannot(f"{attribute.name}.{name}", "is no attribute here")
    return found


def _part(name: str) -> Source:
    return Source(Part(name))


class Part(Expression):
    """One part, as text, of the value of a list in JSON that is looked at."""

    output_field = CharField()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "(element.item ->> %s)", [self._name]


class _AnyValue(Func):
    """Whether some value of a list in JSON fits a condition on its parts."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, values: Any, condition: Q) -> None:
        super().__init__(values, condition)

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:  # type: ignore[override]
        values, condition = self.source_expressions
        array, array_parameters = compiler.compile(values)
        where, where_parameters = compiler.compile(condition)
        elements = f"jsonb_array_elements({array}) AS element(item)"
        text = f"EXISTS (SELECT 1 FROM {elements} WHERE {where})"  # noqa: S608 - both compiled
        return text, [*array_parameters, *where_parameters]
