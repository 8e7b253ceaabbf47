"""PATCH (RFC 7644, section 3.5.2) on a resource in hand, with what Entra ID and Okta send.

- operations in any letter case, and several attributes in one value without a path, whose names
  may themselves be paths (`name.givenName`, `emails[type eq "work"].value`);
- `add` at a condition that no value fits makes a value that does;
- `remove` of a list with a value takes those values out, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from api.scim.errors import InvalidPath, InvalidSyntax, NoTarget, ReadOnly, ScimError, TooMany
from api.scim.filters.matching import fits, named
from api.scim.filters.parser import Path, parse_path
from api.scim.reading import Json
from api.scim.schema import Attribute, Kind, Place

PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_MOST = 1_000
_MOST_COMPARED = 500_000


def operations(body: Any) -> list[Json]:
    """The operations of a PATCH body. Raises InvalidSyntax."""
    found = (
        next((v for k, v in body.items() if k.lower() == "operations"), None)
        if isinstance(body, dict)
        else None
    )
    if not isinstance(found, list) or not found or not all(isinstance(o, dict) for o in found):
        raise InvalidSyntax(
            "Operations must be a list of objects, and not empty.",
            remedy=f"Send schemas [{PATCH_URN}] and Operations.",
        )
    if len(found) > _MOST:
        raise TooMany(f"At most {_MOST:,} operations in one PATCH.", remedy="Send several.")
    return found


def apply(kind: Kind, resource: Json, operations: list[Json]) -> Json:
    """The resource with all of them done in turn; the one that was given stays as it is.

    The caller reads the result anew, which checks its values. Raises ScimError of each kind.
    """
    resource = deepcopy(resource)
    _require_affordable(resource, operations)
    for each in operations:
        verb = str(each.get("op", "")).lower()
        if verb not in ("add", "replace", "remove"):
            raise InvalidSyntax(
                "op must be add, replace or remove.",
                remedy="Send one of these with each operation.",
            )
        path = each.get("path")
        if path is not None and not isinstance(path, str):
            raise InvalidPath("path must be a text.", remedy="Leave it out, or name an attribute.")
        if path:
            _at(kind, resource, verb, path, each.get("value"))
        else:
            _without_path(kind, resource, verb, each.get("value"))
    return resource


def _require_affordable(resource: Json, operations: list[Json]) -> None:
    """Each condition is asked of each value of its list. Raises TooMany before that takes long."""
    lists = [value for value in resource.values() if isinstance(value, list)]
    lists += [each["value"] for each in operations if isinstance(each.get("value"), list)]
    conditions = sum("[" in str(each.get("path", "")) for each in operations)
    if conditions * sum(map(len, lists)) > _MOST_COMPARED:
        raise TooMany(
            f"{conditions:,} conditions on so many values are too many for one PATCH.",
            remedy="Send several, or name the values to remove in one operation.",
        )


def _without_path(kind: Kind, resource: Json, verb: str, value: Any) -> None:
    if verb == "remove":
        raise NoTarget("remove needs a path.", remedy="Name the attribute to remove.")
    if not isinstance(value, dict):
        raise ScimError(
            "Without a path, value must be an object of attributes.", remedy="Send an object."
        )
    for name, inner in value.items():
        extension = kind.extension(name)
        if extension is not None and isinstance(inner, dict):
            for each, part in inner.items():
                _leniently(kind, resource, verb, f"{extension.urn}:{each}", part)
        else:
            _leniently(kind, resource, verb, name, inner)


def _leniently(kind: Kind, resource: Json, verb: str, path: str, value: Any) -> None:
    """One of several attributes: what is unknown or read-only is passed over."""
    try:
        place = kind.find(parse_path(path).path)
    except InvalidPath:
        return
    if place is not None and not place.attribute.is_read_only and not place.leaf.is_read_only:
        _at(kind, resource, verb, path, value)


def _at(kind: Kind, resource: Json, verb: str, path: str, value: Any) -> None:
    extension = kind.extension(path)
    if extension is not None:
        _whole_extension(kind, resource, verb, extension.urn, value)
        return
    read = parse_path(path)
    place = kind.find(read.path)
    if place is None:
        raise InvalidPath(f"{path[:80]} is no attribute here.", remedy="See /Schemas.")
    if place.attribute.is_read_only or (place.sub and place.sub.is_read_only):
        raise ReadOnly(f"{path[:80]} cannot be changed.", remedy="Leave it out.")
    holder = resource.setdefault(place.extension, {}) if place.extension else resource
    _change(holder, place, read, verb, value)
    if place.extension and not resource[place.extension]:
        del resource[place.extension]


def _whole_extension(kind: Kind, resource: Json, verb: str, urn: str, value: Any) -> None:
    if verb == "remove":
        resource.pop(urn, None)
        return
    _without_path(kind, resource, verb, {urn: value})


def _change(holder: Json, place: Place, read: Path, verb: str, value: Any) -> None:
    attribute = place.attribute
    if read.condition is not None:
        if not attribute.is_many or place.sub is not None:
            raise InvalidPath(f"{attribute.name} is no list.", remedy="Leave the brackets out.")
        _selected(holder, attribute, read, verb, value)
    elif place.sub is not None:
        _part(holder, attribute, place.sub, verb, value)
    elif attribute.is_many:
        _list(holder, attribute, verb, value)
    elif verb == "remove" or value is None:
        holder.pop(attribute.name, None)
    elif attribute.is_complex and isinstance(value, dict):
        holder[attribute.name] = {**holder.get(attribute.name, {}), **_named(attribute, value)}
    else:
        holder[attribute.name] = value


def _part(holder: Json, attribute: Attribute, part: Attribute, verb: str, value: Any) -> None:
    """`name.familyName`; of a list, that part of each value."""
    if attribute.is_many:
        values = holder.get(attribute.name) or ([{}] if verb != "remove" else [])
    else:
        values = [holder.get(attribute.name) or {}]
    for each in values:
        _put(each, part, verb, value)
    kept = [each for each in values if each]
    if not kept:
        holder.pop(attribute.name, None)
    else:
        holder[attribute.name] = kept if attribute.is_many else kept[0]


def _put(value: Json, part: Attribute, verb: str, wanted: Any) -> None:
    if verb == "remove" or wanted is None:
        value.pop(part.name, None)
    else:
        value[part.name] = wanted


def _list(holder: Json, attribute: Attribute, verb: str, value: Any) -> None:
    own: list[Json] = holder.get(attribute.name, [])
    sent = _values(attribute, value)
    if verb == "replace":
        kept = sent
    elif verb == "remove":
        gone = {_key(each) for each in sent}
        kept = [each for each in own if _key(each) not in gone] if value else []
    else:
        known = {_key(each) for each in own}
        fresh = [each for each in sent if _key(each) not in known]
        kept = _one_primary([*own, *fresh], fresh)
    holder[attribute.name] = kept
    if not kept:
        del holder[attribute.name]


def _values(attribute: Attribute, value: Any) -> list[Json]:
    """As objects with the schema's names, a bare text as its `value`."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    found = []
    for each in values:
        bare = each if isinstance(each, dict) else {"value": each}
        found.append(_named(attribute, bare))
    return found


def _named(attribute: Attribute, value: Mapping[str, Any]) -> Json:
    known = ((attribute.sub(name), inner) for name, inner in value.items())
    return {part.name: inner for part, inner in known if part is not None}


def _key(value: Json) -> str:
    """By what two values of a list are the same: `value`, or all that they hold."""
    return str(value["value"]) if "value" in value else repr(sorted(value.items(), key=str))


def _selected(holder: Json, attribute: Attribute, read: Path, verb: str, value: Any) -> None:
    """The values that fit the condition of a path."""
    condition = read.condition
    if condition is None:
        return
    part = attribute.sub(read.sub) if read.sub else None
    if read.sub and part is None:
        raise InvalidPath(f"{attribute.name} has no {read.sub[:60]}.", remedy="See its schema.")
    own: list[Json] = holder.get(attribute.name, [])
    found = [each for each in own if fits(attribute, condition, each)]
    if not found and verb != "remove":
        if verb == "replace":
            raise NoTarget(
                f"No value of {attribute.name} fits the condition of the path.",
                remedy="Add one first.",
            )
        made = named(attribute, condition)
        own, found = [*own, made], [made]
    if verb == "remove" and part is None:
        own = [each for each in own if not any(each is one for one in found)]
    for each in found:
        _merge(attribute, each, part, verb, value)
    kept = _one_primary([each for each in own if each], found)
    holder[attribute.name] = kept
    if not kept:
        del holder[attribute.name]


def _merge(attribute: Attribute, each: Json, part: Attribute | None, verb: str, value: Any) -> None:
    if part is not None:
        _put(each, part, verb, value)
    elif verb != "remove":
        (given,) = _values(attribute, value if isinstance(value, dict) else {"value": value})
        each.update(given)


def _one_primary(values: list[Json], changed: list[Json]) -> list[Json]:
    """Where a changed value is the primary one, no other is any more."""
    if not any(_is_true(each.get("primary")) for each in changed):
        return values
    for each in values:
        if _is_true(each.get("primary")) and not any(each is one for one in changed):
            each["primary"] = False
    return values


def _is_true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"
