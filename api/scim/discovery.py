"""What can be done here (RFC 7644, section 4): configuration, resource types and schemas."""

from __future__ import annotations

from typing import Any

from api.scim import bulk_limits, paging
from api.scim.calls import Answer, Call
from api.scim.errors import NotSupported
from api.scim.resources import GROUP, SCHEMAS, USER
from api.scim.schema import Kind, Schema
from web.errors import NotFound

_CORE = "urn:ietf:params:scim:schemas:core:2.0"
_PAGINATION = {
    "cursor": True,
    "index": True,
    "defaultPaginationMethod": "index",
    "defaultPageSize": paging.USUAL,
    "maxPageSize": paging.MOST,
    "cursorTimeout": paging.CURSOR_SECONDS,
}


def configuration(call: Call) -> Answer:
    """What works. `pagination` (RFC 9865, section 4) is optional and newer than some providers,
    which refuse the whole answer for a name that they do not know: so it is told to who asks for
    `attributes=pagination`."""
    is_asked = "pagination" in call.query.get("attributes", "").lower()
    address = f"{call.base}/ServiceProviderConfig"
    return Answer(
        200,
        {
            "schemas": [f"{_CORE}:ServiceProviderConfig"],
            "patch": {"supported": True},
            "bulk": {
                "supported": True,
                "maxOperations": bulk_limits.MOST_OPERATIONS,
                "maxPayloadSize": bulk_limits.MOST_BYTES,
            },
            "filter": {"supported": True, "maxResults": paging.MOST},
            "changePassword": {"supported": False},
            "sort": {"supported": True},
            "etag": {"supported": True},
            **({"pagination": _PAGINATION} if is_asked else {}),
            "authenticationSchemes": [
                {
                    "type": "oauthbearertoken",
                    "name": "API token",
                    "description": "An API token of the Organization with the role Owner.",
                    "specUri": "https://www.rfc-editor.org/info/rfc6750",
                    "primary": True,
                }
            ],
            "meta": {"resourceType": "ServiceProviderConfig", "location": address},
        },
        address,
    )


def resource_types(call: Call) -> Answer:
    return _listed([_type(call, each) for each in (USER, GROUP)])


def resource_type(call: Call, name: str) -> Answer:
    for each in (USER, GROUP):
        if each.name == name:
            return Answer(200, _type(call, each))
    raise NotFound(f"There is no resource type {name[:64]}.", remedy="See /ResourceTypes.")


def schemas(call: Call) -> Answer:
    return _listed([_schema(call, each) for each in SCHEMAS])


def schema(call: Call, urn: str) -> Answer:
    for each in SCHEMAS:
        if each.urn.lower() == urn.lower():
            return Answer(200, _schema(call, each))
    raise NotFound(f"There is no schema {urn[:100]}.", remedy="See /Schemas.")


def me(call: Call) -> Answer:
    raise NotSupported(
        "The bearer is a token, which is no user.", remedy="Look people up below /Users."
    )


def _listed(resources: list[dict[str, Any]]) -> Answer:
    return Answer(200, paging.Page(resources, len(resources), 1).listed(resources))


def _type(call: Call, kind: Kind) -> dict[str, Any]:
    return {
        "schemas": [f"{_CORE}:ResourceType"],
        "id": kind.name,
        "name": kind.name,
        "description": kind.schema.description,
        "endpoint": f"/{kind.endpoint}",
        "schema": kind.schema.urn,
        "schemaExtensions": [{"schema": each.urn, "required": False} for each in kind.extensions],
        "meta": {
            "resourceType": "ResourceType",
            "location": f"{call.base}/ResourceTypes/{kind.name}",
        },
    }


def _schema(call: Call, schema: Schema) -> dict[str, Any]:
    return {
        "schemas": [f"{_CORE}:Schema"],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.description,
        "attributes": [each.described() for each in schema.attributes],
        "meta": {"resourceType": "Schema", "location": f"{call.base}/Schemas/{schema.urn}"},
    }
