"""From a row of the route matrix to a request, with ids and words of another Organization in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from django import forms
from django.db import models
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from api.spec import document
from tests.architecture.routes import Route
from tests.tenants import scim
from tests.tenants.realm import Realm

T = TypeVar("T")
Pick = Callable[[Sequence[T]], T]
"""Takes one of several, as the generator wills."""

_PARTED = re.compile(r"[/\"\[\] ]")
"""Between the words of an address or a filter that is said in a body."""
_METHODS = ("get", "post", "put", "patch", "delete")
_ROOMS = ("accounts", "deployments", "installation", "web", "workspaces", "astro_ui")
ALSO = {
    "deployments:operation": ("etl", "operation"),
    "accounts:invitation_link": ("offer", "offer_secret"),
    "api:scim_user": ("acme", "provisioned_user"),
    "api:scim_group": ("acme", "provisioned_group"),
}
"""Where the matrix names what is not there, what is there."""


@dataclass
class Call:
    """A request that was not sent yet."""

    route: Route
    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)
    """What of it is the other Organization's."""

    @property
    def is_for_machines(self) -> bool:
        return for_machines(self.route)

    def send(self, client: Client) -> HttpResponseBase:
        address = f"{self.path}?{urlencode(self.query, doseq=True)}" if self.query else self.path
        if self.is_for_machines:
            sent = json.dumps(self.body) if self.method not in {"GET", "DELETE"} else ""
            return client.generic(self.method, address, sent, content_type="application/json")
        if self.method == "POST":
            return client.post(address, self.body)
        return client.generic(self.method, address)

    def words(self) -> list[str]:
        """All that the caller says, which an answer may repeat."""
        said = [*_leaves(self.body), *_leaves(self.query)]
        parts = [part for each in said for part in _PARTED.split(each)]
        return [*self.path.split("/"), *said, *parts]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.query or ''} {self.body or ''}".strip()


def names(route: Route) -> tuple[str, ...]:
    """Whose ids its address takes, by the fixtures of the cast."""
    return ALSO.get(route.name, route.args)


def for_machines(route: Route) -> bool:
    """Whether bearers ask there, rather than people."""
    return route.status_for("anonymous") == 401


def is_scim(route: Route) -> bool:
    return route.name.startswith("api:scim_")


def addressed(route: Route, realms: Sequence[Realm], own: Realm, pick: Pick[Any]) -> Call:
    """A call of `route`, its ids taken from `realms` in their order, what it says from `own`."""
    ids = [_id(name, realm, pick) for name, realm in zip(names(route), realms, strict=True)]
    path = reverse(route.name, args=ids)
    pairs = zip(names(route), realms, ids, strict=True)
    foreign = [str(key) for name, realm, key in pairs if _is_foreign(name, realm, own)]
    if is_scim(route):
        method = pick(scim.methods(route.name))
        body = scim.body(route.name, method, own, pick)
    elif for_machines(route):
        method = pick(_methods(route.name, path))
        body = sample(_body(route.name, path, method), own, pick)
    else:
        method = "POST" if route.data else route.method
        body = {k: _said(k, v, own, pick) for k, v in route.data.items()}
    return Call(route, method, path, body, foreign=foreign)


def _is_foreign(name: str, realm: Realm, own: Realm) -> bool:
    """Of another Organization, unless it is a word that both have, as a kind of sink."""
    if realm is own:
        return False
    return isinstance(realm.one(name), models.Model) or realm.one(name).pk != own.one(name).pk


def add_foreign_value(call: Call, foreign: Realm, pick: Pick[Any]) -> None:
    """Let the call name something of the other Organization, in its body or its query."""
    value = pick(_identities(foreign, pick))
    call.foreign.append(value)
    if call.method in {"GET", "DELETE"} or pick(range(4)) == 0:
        name = pick(scim.ASKED if is_scim(call.route) else _asked())
        call.query[name] = scim.asked(value, name, pick) if is_scim(call.route) else value
        return
    if is_scim(call.route):
        scim.put(call.body, value, pick)
        return
    usual = [*call.body] * 3 or ["name"]
    inner = _body(call.route.name, call.path, call.method) if call.is_for_machines else None
    more = list(inner) if inner is not None else _entered()
    name = pick([*usual, *more])
    call.body[name] = [value] if isinstance(call.body.get(name), list) else value


def _identities(realm: Realm, pick: Pick[Any]) -> list[str]:
    keys = realm.ids[pick(list(realm.ids))]
    return [pick(keys), pick(keys), *(pick(list(realm.said.values())) for _ in range(2))]


def _id(name: str, realm: Realm, pick: Pick[Any]) -> Any:
    thing = realm.one(name)
    if name == "offer":
        return thing.pk  # the one whose secret is known
    if isinstance(thing, models.Model):
        return pick([thing.pk, *realm.ids.get(type(thing), ())])
    if name == "number":
        return pick([thing.pk, *(k for keys in realm.ids.values() for k in keys if k.isdigit())])
    return thing.pk


def _said(key: str, value: str, own: Realm, pick: Pick[Any]) -> str:
    if key in {"name", "description"}:
        return f"{value} {pick(range(1000))} {own.mark}"
    return own.said.get(value, value)


# --- What machines send, by our own document ---


def sample(schema: Mapping[str, Any], own: Realm, pick: Pick[Any]) -> dict[str, Any]:
    return {name: _value(name, inner, own, pick) for name, inner in schema.items()}


def _value(name: str, schema: Mapping[str, Any], own: Realm, pick: Pick[Any]) -> Any:
    if name.endswith("Id") and (keys := _keys_named(name, own)):
        return pick(keys)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return []
    if schema.get("type") == "boolean":
        return False
    if schema.get("type") in {"integer", "number"}:
        return schema.get("minimum", 1)
    return f"{name} {pick(range(1000))} {own.mark}"


def _keys_named(name: str, own: Realm) -> list[Any]:
    wanted = name.removesuffix("Id").lower()
    return [k for model, keys in own.ids.items() if model.__name__.lower() == wanted for k in keys]


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document(RequestFactory().get("/spec/v1.0")).content)
    return found


_bodies: dict[tuple[str, str], dict[str, Any]] = {}
_found: dict[str, list[str]] = {}


def _body(name: str, path: str, method: str) -> dict[str, Any]:
    """The fields that a body of the route must have, and what each holds."""
    if (name, method) not in _bodies:
        _bodies[name, method] = _fields(path, method)
    return _bodies[name, method]


def _fields(path: str, method: str) -> dict[str, Any]:
    operation = _operation(path, method)
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    schema = _document()["components"]["schemas"].get(schema.get("$ref", "").split("/")[-1], schema)
    required = schema.get("required", ())
    return {k: v for k, v in schema.get("properties", {}).items() if k in required}


def _operation(path: str, method: str) -> dict[str, Any]:
    shape = re.sub(r"<.*?>", "{}", resolve(path).route).removeprefix("v1")
    for known, item in _document()["paths"].items():
        if re.sub(r"\{.*?\}", "{}", known) == shape:
            found: dict[str, Any] = item.get(method.lower(), {})
            return found
    return {}


def _methods(name: str, path: str) -> list[str]:
    if name not in _found:
        function: Any = resolve(path).func
        view = getattr(function, "cls", None) or getattr(function, "view_class", None)
        there = [each.upper() for each in _METHODS if hasattr(view, each)]
        _found[name] = there or ["GET", "POST"]
    return _found[name]


# --- What pages are asked and sent ---


@cache
def _asked() -> list[str]:
    """Every name that some page or operation reads from a query."""
    of_api = {
        parameter["name"]
        for item in _document()["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    }
    return sorted(of_api | _read_from("GET"))


@cache
def _entered() -> list[str]:
    """Every name that some form or page reads from a body."""
    return sorted(_read_from("POST") | {name for f in _forms(forms.Form) for name in f.base_fields})


def _read_from(what: str) -> set[str]:
    pattern = re.compile(rf'\b{what}(?:\.get|\.getlist)?[\[(]"(\w+)"')
    root = Path(__file__).parents[2]
    files = (path for room in _ROOMS for path in (root / room).rglob("*.py"))
    return {name for path in files for name in pattern.findall(path.read_text("utf-8"))}


def _forms(form: type[forms.Form]) -> list[type[forms.Form]]:
    below = [inner for each in form.__subclasses__() for inner in _forms(each)]
    return [form, *below]


def _leaves(node: Any) -> list[str]:
    if isinstance(node, Mapping):
        return [leaf for inner in node.values() for leaf in _leaves(inner)]
    if isinstance(node, list):
        return [leaf for inner in node for leaf in _leaves(inner)]
    return [str(node)]
