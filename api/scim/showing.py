"""Resources as they are answered, and which of their attributes (RFC 7644, section 3.9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.scim.errors import ScimError
from api.scim.reading import Json
from api.scim.schema import Kind, Place

_MOST_NAMES = 100


@dataclass(frozen=True)
class Shown:
    """Which attributes a caller wants: all but some, or only some. `id` and `schemas` stay."""

    kind: Kind
    only: tuple[Place, ...] | None = None
    without: tuple[Place, ...] = ()
    extensions: frozenset[str] = frozenset()
    """Whole ones that are named."""

    def wants(self, name: str) -> bool:
        """Whether an attribute of the core schema is to be worked out at all."""
        if self.only is not None:
            return any(each.attribute.name == name for each in self.only)
        return not any(each.attribute.name == name and each.sub is None for each in self.without)

    def of(self, resource: Json) -> Json:
        """What of a resource is answered."""
        if self.only is None and not self.without and not self.extensions:
            return resource
        return self._picked(resource) if self.only is not None else self._left(resource)

    def _picked(self, resource: Json) -> Json:
        found: Json = {"schemas": resource["schemas"], "id": resource["id"]}
        for urn in self.extensions & resource.keys():
            found[urn] = resource[urn]
        for place in self.only or ():
            source: Any = resource.get(place.extension) if place.extension else resource
            value = (source or {}).get(place.attribute.name)
            if value is None:
                continue
            target = found.setdefault(place.extension, {}) if place.extension else found
            name = place.attribute.name
            target[name] = (
                _merged(target.get(name), _part(value, place.sub.name)) if (place.sub) else value
            )
        return found

    def _left(self, resource: Json) -> Json:
        found = {name: value for name, value in resource.items() if name not in self.extensions}
        for place in self.without:
            target: Any = found
            if place.extension:
                if place.extension not in found:
                    continue
                target = found[place.extension] = dict(found[place.extension])
            name = place.attribute.name
            if name == "id" or name not in target:
                continue
            if place.sub:
                target[name] = _dropped(target[name], place.sub.name)
            else:
                del target[name]
        return found


def shown(kind: Kind, query: Mapping[str, str]) -> Shown:
    """By `attributes` and `excludedAttributes`. Names of no attribute are passed over."""
    only, some = _named(kind, query.get("attributes", ""))
    without, others = _named(kind, query.get("excludedAttributes", ""))
    if query.get("attributes", "").strip():
        return Shown(kind, tuple(only), (), frozenset(some))
    return Shown(kind, None, tuple(without), frozenset(others))


def _named(kind: Kind, names: str) -> tuple[list[Place], set[str]]:
    places: list[Place] = []
    extensions: set[str] = set()
    words = [each.strip() for each in names.split(",") if each.strip()]
    if len(words) > _MOST_NAMES:
        raise ScimError(f"At most {_MOST_NAMES} attributes can be named.", remedy="Name fewer.")
    for word in words:
        extension = kind.extension(word)
        if extension is not None:
            extensions.add(extension.urn)
        elif (place := kind.find(word)) is not None:
            places.append(place)
    return places, extensions


def _part(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [{name: each[name]} if name in each else {} for each in value]
    return {name: value[name]} if name in value else {}


def _merged(known: Any, more: Any) -> Any:
    if isinstance(known, list):
        return [old | new for old, new in zip(known, more, strict=True)]
    return {**known, **more} if known else more


def _dropped(value: Any, name: str) -> Any:
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    left = [{k: v for k, v in each.items() if k != name} for each in values]
    return left if isinstance(value, list) else left[0]


def moment(at: datetime) -> str:
    """As `meta` writes it: 2026-01-31T12:00:00.123456Z."""
    return at.isoformat().replace("+00:00", "Z")
