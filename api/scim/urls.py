"""The addresses below `/scim/v2/<organizationId>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.urls import URLPattern, path, re_path

from api.scim import bulk, discovery, everywhere
from api.scim.calls import Answer, Call, Handler
from api.scim.door import resource, unknown
from api.scim.errors import InvalidSyntax
from api.scim.groups import GROUPS
from api.scim.serving import Served
from api.scim.users import USERS

_ROOT = "scim/v2/<str:organization_id>"
_ALL = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), unknown)


def _by_post(search: Handler) -> Handler:
    """A search whose question is in the body (RFC 7644, section 3.4.3)."""

    def asked(call: Call) -> Answer:
        if not isinstance(call.body, dict):
            raise InvalidSyntax("The search must be a JSON object.", remedy="Send one.")
        return search(replace(call, query=_as_query(call.body)))

    return asked


def _as_query(body: Mapping[str, Any]) -> dict[str, str]:
    """As the same would stand behind the `?` of an address."""
    lists = {k: ",".join(map(str, v)) for k, v in body.items() if isinstance(v, list)}
    plain = {k: str(v) for k, v in body.items() if isinstance(v, str | int | float)}
    return plain | lists


def _of(served: Served[Any, Any]) -> list[URLPattern]:
    endpoint = served.table.kind.endpoint
    name = endpoint.lower()
    all_of_them = resource(GET=served.search, POST=served.create)
    one = resource(GET=served.show, PUT=served.replace, PATCH=served.patch, DELETE=served.delete)
    found = resource(POST=_by_post(served.search))
    return [
        path(f"{_ROOT}/{endpoint}", all_of_them, name=f"scim_{name}"),
        path(f"{_ROOT}/{endpoint}/.search", found, name=f"scim_{name}_search"),
        path(f"{_ROOT}/{endpoint}/<str:resource_id>", one, name=f"scim_{name[:-1]}"),
    ]


urlpatterns = [
    *_of(USERS),
    *_of(GROUPS),
    path(_ROOT, resource(GET=everywhere.search), name="scim_root"),
    path(f"{_ROOT}/.search", resource(POST=_by_post(everywhere.search)), name="scim_search"),
    path(f"{_ROOT}/Bulk", resource(POST=bulk.run), name="scim_bulk"),
    path(f"{_ROOT}/Me", resource(**dict.fromkeys(_ALL, discovery.me)), name="scim_me"),
    path(
        f"{_ROOT}/ServiceProviderConfig",
        resource(GET=discovery.configuration),
        name="scim_configuration",
    ),
    path(
        f"{_ROOT}/ResourceTypes", resource(GET=discovery.resource_types), name="scim_resource_types"
    ),
    path(
        f"{_ROOT}/ResourceTypes/<str:name>",
        resource(GET=discovery.resource_type),
        name="scim_resource_type",
    ),
    path(f"{_ROOT}/Schemas", resource(GET=discovery.schemas), name="scim_schemas"),
    path(f"{_ROOT}/Schemas/<str:urn>", resource(GET=discovery.schema), name="scim_schema"),
    re_path(r"^scim/v2/(?P<organization_id>[^/]+)/.*$", resource(**_ALL), name="scim_unknown"),
]
