"""The API's own OpenAPI document, made from the same classes that check and answer requests."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator

_ID = re.compile(r"\{(\w+)_id\}")


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.0 as JSON, for everybody: it holds no secret and nothing of any Organization."""
    return HttpResponse(_rendered(), content_type="application/json")


@cache
def _rendered() -> bytes:
    generator: Any = SchemaGenerator
    return json.dumps(generator().get_schema(request=None, public=True)).encode()


def polish(result: dict[str, Any], **about: Any) -> dict[str, Any]:
    """Name the ids in addresses as the Astro API does, `organizationId`, and drop inner marks."""
    result["paths"] = {_ID.sub(r"{\1Id}", path): item for path, item in result["paths"].items()}
    for item in result["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    parameter["name"] = parameter["name"].replace("_id", "Id")
    _drop_marks(result)
    return result


def _drop_marks(node: Any) -> None:
    """What the generator notes for hooks of its own."""
    if isinstance(node, dict):
        node.pop("x-spec-enum-id", None)
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            _drop_marks(inner)


class _Bearer(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.ApiTokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
