"""SCIM as an OpenAPI document, for a tool that makes requests from one.

It is made from the attributes that the service itself describes (RFC 7643, section 7); what the
tool sends is right or wrong by that, and never more than this says.
"""

from __future__ import annotations

from typing import Any

from api.scim.resources import GROUP, USER
from api.scim.schema import Attribute, Kind

_TYPES = {
    "string": "string", "boolean": "boolean", "dateTime": "string", "reference": "string",
    "binary": "string", "integer": "integer", "decimal": "number",
}  # fmt: skip
_SEARCH = (
    "filter", "sortBy", "sortOrder", "attributes", "excludedAttributes", "startIndex", "count",
    "cursor",
)  # fmt: skip
_PATCH = {
    "type": "object",
    "required": ["Operations"],
    "properties": {
        "Operations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["op"],
                "properties": {
                    "op": {"type": "string", "enum": ["add", "replace", "remove", "Add"]},
                    "path": {"type": "string"},
                    "value": {},
                },
            },
        }
    },
}
_BULK = {
    "type": "object",
    "required": ["Operations"],
    "properties": {
        "failOnErrors": {"type": "integer"},
        "Operations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["method", "path"],
                "properties": {
                    "method": {"type": "string", "enum": ["POST", "PUT", "PATCH", "DELETE"]},
                    "path": {"type": "string"},
                    "bulkId": {"type": "string"},
                    "version": {"type": "string"},
                    "data": {"type": "object"},
                },
            },
        },
    },
}
_DISCOVERY = ("/ServiceProviderConfig", "/ResourceTypes", "/Schemas")


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for kind in (USER, GROUP):
        paths |= _of(kind)
    paths["/.search"] = {"post": _operation(body=_searched())}
    paths["/Bulk"] = {"post": _operation(body=_BULK)}
    paths["/"] = {"get": _operation(query=_SEARCH)}
    paths |= {path: {"get": _operation()} for path in _DISCOVERY}
    paths |= {f"{path}/{{id}}": {"get": _operation(has_id=True)} for path in _DISCOVERY[1:]}
    return {"openapi": "3.0.3", "info": {"title": "SCIM", "version": "2.0"}, "paths": paths}


def _of(kind: Kind) -> dict[str, Any]:
    whole, base = _resource(kind), f"/{kind.endpoint}"
    shown = ("attributes", "excludedAttributes")
    return {
        base: {"get": _operation(query=_SEARCH), "post": _operation(body=whole)},
        f"{base}/.search": {"post": _operation(body=_searched())},
        f"{base}/{{id}}": {
            "get": _operation(has_id=True, query=shown),
            "put": _operation(has_id=True, body=whole),
            "patch": _operation(has_id=True, query=shown, body=_PATCH),
            "delete": _operation(has_id=True),
        },
    }


def _operation(
    *, has_id: bool = False, query: tuple[str, ...] = (), body: dict[str, Any] | None = None
) -> dict[str, Any]:
    text = {"type": "string"}
    parameters: list[dict[str, Any]] = [
        {"in": "query", "name": each, "schema": text} for each in query
    ]
    if has_id:
        parameters.append({"in": "path", "name": "id", "required": True, "schema": text})
    made: dict[str, Any] = {"parameters": parameters, "responses": {"default": {"description": ""}}}
    if body is not None:
        content = {"application/scim+json": {"schema": body}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _searched() -> dict[str, Any]:
    fields: dict[str, Any] = {each: {"type": "string"} for each in _SEARCH}
    numbers = {each: {"type": "integer"} for each in ("startIndex", "count")}
    return {"type": "object", "properties": fields | numbers}


def _resource(kind: Kind) -> dict[str, Any]:
    own = [*kind.common, *kind.schema.attributes]
    extended = {each.urn: _object(each.attributes) for each in kind.extensions}
    made = _object(own)
    return {**made, "properties": made["properties"] | extended}


def _object(attributes: Any) -> dict[str, Any]:
    required = [each.name for each in attributes if each.is_required]
    made: dict[str, Any] = {
        "type": "object",
        "properties": {each.name: _value(each) for each in attributes},
    }
    return made | ({"required": required} if required else {})


def _value(attribute: Attribute) -> dict[str, Any]:
    one = _object(attribute.subs) if attribute.is_complex else {"type": _TYPES[attribute.type]}
    return {"type": "array", "items": one} if attribute.is_many else one
