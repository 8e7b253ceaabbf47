"""What an identity provider sends to `/scim/v2`, made of one's own ids and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.models import ProvisionedGroup, ProvisionedUser
from tests.tenants.realm import Realm

Pick = Callable[[Sequence[Any]], Any]
_COLLECTION, _ONE = ("GET", "POST"), ("GET", "PUT", "PATCH", "DELETE")
_METHODS: Mapping[str, Sequence[str]] = {
    "users": _COLLECTION, "groups": _COLLECTION, "user": _ONE, "group": _ONE,
    "search": ("POST",), "users_search": ("POST",), "groups_search": ("POST",), "bulk": ("POST",),
}  # fmt: skip
ASKED = ("filter", "sortBy", "attributes", "cursor")
_FILTERED = (
    "id", "userName", "externalId", "displayName", "members.value", "groups.value",
    "emails.value", "groups.display",
)  # fmt: skip
_FIXED = {"schemas", "op", "method"}


def methods(name: str) -> Sequence[str]:
    return _METHODS.get(name.removeprefix("api:scim_"), ("GET",))


def body(name: str, method: str, own: Realm, pick: Pick) -> dict[str, Any]:
    if method not in {"POST", "PUT", "PATCH"}:
        return {}
    kind = name.removeprefix("api:scim_")
    if kind == "bulk":
        return {"Operations": [_in_bulk(own, pick) for _ in range(pick((1, 2, 3)))]}
    if kind.endswith("search"):
        return {"filter": _filtered(pick, own.mark), "attributes": []}
    if method == "PATCH":
        return _patch(kind, own, pick)
    return _user(own, pick) if kind.startswith("user") else _group(own, pick)


def put(sent: dict[str, Any], value: str, pick: Pick) -> None:
    """Let something that is sent be `value`, in the form that its place asks for."""
    found = list(_places(sent))
    if not found:
        sent["value"] = value
        return
    place, key = pick(found)
    if key == "filter":
        value = _filtered(pick, value)
    elif key == "path":
        is_address = str(place[key]).startswith("/")
        value = f"/{pick(('Users', 'Groups'))}/{value}" if is_address else _in_path(value)
    place[key] = value


def asked(value: str, name: str, pick: Pick) -> str:
    """`value` as a parameter of a query is written."""
    return _filtered(pick, value) if name == "filter" else value


def _filtered(pick: Pick, value: str) -> str:
    return f'{pick(_FILTERED)} {pick(("eq", "co", "sw", "gt"))} "{value}"'


def _in_path(value: str) -> str:
    return f'members[value eq "{value}"]'


def _user(own: Realm, pick: Pick) -> dict[str, Any]:
    number = pick(range(1000))
    address = f"u{number}@{own.mark}.example.com"
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": address,
        "externalId": f"x{number}-{own.mark}",
        "name": {"formatted": f"U {number} {own.mark}"},
        "emails": [{"value": address, "primary": True}],
        "active": pick((True, True, False)),
    }


def _group(own: Realm, pick: Pick) -> dict[str, Any]:
    number = pick(range(1000))
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": f"G {number} {own.mark}",
        "externalId": f"g{number}-{own.mark}",
        "members": [{"value": _key(ProvisionedUser, own, pick)}],
    }


def _patch(kind: str, own: Realm, pick: Pick) -> dict[str, Any]:
    name, text = "externalId", f"x{pick(range(1000))}-{own.mark}"
    operations: list[dict[str, Any]] = [{"op": "replace", "path": name, "value": text}]
    if kind == "group":
        member = _key(ProvisionedUser, own, pick)
        operations = [
            {"op": pick(("add", "replace")), "path": "members", "value": [{"value": member}]},
            {"op": "remove", "path": _in_path(member)},
        ]
    schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
    return {"schemas": schemas, "Operations": operations}


def _in_bulk(own: Realm, pick: Pick) -> dict[str, Any]:
    method = pick(("POST", "PUT", "PATCH", "DELETE"))
    kind, model, made = pick(
        (("Users", ProvisionedUser, _user), ("Groups", ProvisionedGroup, _group))
    )
    if method == "POST":
        return {"method": method, "path": f"/{kind}", "bulkId": "b", "data": made(own, pick)}
    path = f"/{kind}/{_key(model, own, pick)}"
    data = _patch(kind[:-1].lower(), own, pick) if method == "PATCH" else made(own, pick)
    return {"method": method, "path": path, "data": {} if method == "DELETE" else data}


def _key(model: type[Any], own: Realm, pick: Pick) -> str:
    """Of one there is, or of none once all are gone."""
    return str(pick(own.ids.get(model) or ["none"]))


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every list and object with each of its keys under which a word stands."""
    pairs = node.items() if isinstance(node, Mapping) else enumerate(node)
    found = []
    for key, inner in pairs:
        if key in _FIXED:
            continue
        if isinstance(inner, dict | list):
            found += _places(inner)
        elif isinstance(inner, str):
            found.append((node, key))
    return found
