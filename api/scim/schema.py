"""How attributes are described (RFC 7643, section 7), and found by any of their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Attribute:
    """One attribute; `name` is written as the RFC writes it, and found in any letter case."""

    name: str
    type: str = "string"
    is_many: bool = False
    is_required: bool = False
    is_case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    subs: tuple[Attribute, ...] = ()
    canonical: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    description: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, Attribute]:
        return {each.name.lower(): each for each in self.subs}

    def sub(self, name: str) -> Attribute | None:
        return self.by_name.get(name.lower())

    @property
    def is_read_only(self) -> bool:
        return self.mutability == "readOnly"

    @property
    def is_complex(self) -> bool:
        return self.type == "complex"

    def described(self) -> dict[str, Any]:
        """As `/Schemas` answers it."""
        said: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "multiValued": self.is_many,
            "description": self.description or f"{self.name} of the resource.",
            "required": self.is_required,
        }
        if self.canonical:
            said["canonicalValues"] = list(self.canonical)
        if not self.is_complex:
            said["caseExact"] = self.is_case_exact
        said |= {
            "mutability": self.mutability,
            "returned": self.returned,
            "uniqueness": self.uniqueness,
        }
        if self.references:
            said["referenceTypes"] = list(self.references)
        if self.subs:
            said["subAttributes"] = [each.described() for each in self.subs]
        return said


@dataclass(frozen=True)
class Schema:
    urn: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Attribute]:
        return {each.name.lower(): each for each in self.attributes}


@dataclass(frozen=True)
class Place:
    """Where an attribute lies: below an extension's name or not, and perhaps one part of it."""

    attribute: Attribute
    extension: str = ""
    sub: Attribute | None = None

    @property
    def leaf(self) -> Attribute:
        return self.sub or self.attribute

    @property
    def path(self) -> tuple[str, ...]:
        names = (self.extension, self.attribute.name, self.sub.name if self.sub else "")
        return tuple(name for name in names if name)


@dataclass(frozen=True)
class Kind:
    """A resource type: its core schema, its extensions and what every resource has."""

    name: str
    endpoint: str
    schema: Schema
    extensions: tuple[Schema, ...] = ()
    common: tuple[Attribute, ...] = field(default=())

    def find(self, path: str) -> Place | None:
        """By `userName` or `name.familyName`, with the schema's name before it or not."""
        urn, rest = self._split(path)
        if urn and not rest:
            return None
        name, _, sub = rest.partition(".")
        for extension, attribute in self._named(urn, name):
            if not sub:
                return Place(attribute, extension)
            part = attribute.sub(sub)
            return Place(attribute, extension, part) if part else None
        return None

    def extension(self, name: str) -> Schema | None:
        """The extension of this name, as it stands for all of it in a body or path."""
        return next((each for each in self.extensions if each.urn.lower() == name.lower()), None)

    def all(self) -> Iterator[tuple[str, Attribute]]:
        """Each attribute with the name of the extension that it is in."""
        for attribute in (*self.common, *self.schema.attributes):
            yield "", attribute
        for extension in self.extensions:
            for attribute in extension.attributes:
                yield extension.urn, attribute

    def _split(self, path: str) -> tuple[str, str]:
        low = path.lower()
        for schema in (self.schema, *self.extensions):
            if low.startswith(schema.urn.lower()):
                return schema.urn, path[len(schema.urn) :].lstrip(":.")
        return "", path

    def _named(self, urn: str, name: str) -> Iterator[tuple[str, Attribute]]:
        low = name.lower()
        if urn in ("", self.schema.urn):
            own = self.schema.by_name.get(low) or self._common.get(low)
            if own is not None:
                yield "", own
        for extension in self.extensions:
            if urn in ("", extension.urn) and low in extension.by_name:
                yield extension.urn, extension.by_name[low]

    @cached_property
    def _common(self) -> Mapping[str, Attribute]:
        return {each.name.lower(): each for each in self.common}
