"""A resource as it was sent, checked against its schema and written as the schema writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.scim.errors import InvalidSyntax, ScimError, TooMany
from api.scim.schema import Attribute, Kind

Json = dict[str, Any]
_MOST_MEMBERS = 20_000
MOST_VALUES = 200
"""Of any other list, such as the addresses of somebody."""
_LONGEST = 65_536
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TRUTH = {"true": True, "false": False}


def read(kind: Kind, sent: Any) -> Json:
    """Names in the schema's letter case; what is unknown, read-only or unassigned is left out.

    `"True"` and `"False"` count as booleans, and a bare text as the `value` of what has one:
    Entra ID sends both. Raises ScimError, naming the attribute, for another type.
    """
    if not isinstance(sent, dict):
        raise InvalidSyntax("The resource must be a JSON object.", remedy="Send one.")
    found: Json = {}
    for name, value in sent.items():
        extension = kind.extension(name)
        if extension is not None:
            inner = _complex(extension.by_name, value, extension.urn)
            if inner:
                found[extension.urn] = {**found.get(extension.urn, {}), **inner}
            continue
        place = kind.find(name)
        if place is None or place.sub is not None:
            continue
        taken = _of(place.attribute, value, place.attribute.name)
        if taken is None:
            continue
        if place.extension:
            found.setdefault(place.extension, {})[place.attribute.name] = taken
        else:
            found[place.attribute.name] = taken
    _require(kind, found)
    return found


def _require(kind: Kind, found: Mapping[str, Any]) -> None:
    for extension, attribute in kind.all():
        if attribute.is_required and not extension and not found.get(attribute.name):
            raise ScimError(f"{attribute.name} is required.", remedy="Send it with the resource.")


def _of(attribute: Attribute, value: Any, path: str) -> Any:
    """The value as it is kept; None where nothing is."""
    if attribute.is_read_only or value is None:
        return None
    if attribute.is_many:
        return _many(attribute, value, path) or None
    return _one(attribute, value, path)


def _many(attribute: Attribute, value: Any, path: str) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    most = _MOST_MEMBERS if attribute.name == "members" else MOST_VALUES
    if len(values) > most:
        raise TooMany(f"{path} has more than {most:,} values.", remedy="Send fewer.")
    found = [_one(attribute, each, path) for each in values if each is not None]
    kept = [each for each in found if each]
    if sum(1 for each in kept if isinstance(each, dict) and each.get("primary") is True) > 1:
        raise ScimError(f"{path} has two primary values.", remedy="Mark one of them.")
    return kept


def _one(attribute: Attribute, value: Any, path: str) -> Any:
    if attribute.is_complex:
        if isinstance(value, str) and attribute.sub("value"):
            value = {"value": value} if value else {}
        return _complex(attribute.by_name, value, path) or None
    if attribute.type == "boolean":
        return _boolean(value, path)
    return _text(value, path)


def _complex(known: Mapping[str, Attribute], value: Any, path: str) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ScimError(f"{path} must be an object.", remedy="See its schema.")
    found: Json = {}
    for name, inner in value.items():
        attribute = known.get(name.lower())
        if attribute is None:
            continue
        taken = _of(attribute, inner, f"{path}.{attribute.name}")
        if taken is not None:
            found[attribute.name] = taken
    return found


def _boolean(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUTH:
        return _TRUTH[value.lower()]
    raise ScimError(f"{path} must be true or false.", remedy="Send one of the two.")


def _text(value: Any, path: str) -> str | None:
    if not isinstance(value, str):
        raise ScimError(f"{path} must be a text.", remedy="Put it between quotes.")
    if len(value) > _LONGEST:
        raise ScimError(f"{path} is longer than {_LONGEST:,} characters.", remedy="Shorten it.")
    if not is_storable(value):
        raise ScimError(f"{path} holds characters that no text has.", remedy="Leave them out.")
    return value or None


def is_storable(text: str) -> bool:
    """Neither NUL nor half of a pair of surrogates: PostgreSQL takes neither."""
    return _UNSTORABLE.search(text) is None
