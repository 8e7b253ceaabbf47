"""What each operation tells the OpenAPI document: name, query, body, reply and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiResponse, extend_schema

from api.v1.wire.base import Asked, Error, Query

F = TypeVar("F", bound=Callable[..., Any])

_REFUSALS = {
    400: "The request breaks a rule; the message names field and rule.",
    401: "No bearer, or one that is not, or no longer, an API token of this console.",
    403: "The token's roles do not include the right for this.",
    404: "There is no such object, or the token may not see it.",
    405: "The address does not know this method.",
    409: "The object is in a state in which this cannot be done.",
    413: "The body is larger than 4 MiB.",
    415: "The body is not JSON.",
    503: "A part of the console does not answer; trying again may help.",
}


def operation(
    name: str,
    summary: str,
    *,
    query: type[Query] | None = None,
    body: type[Asked] | None = None,
    reply: Any = None,
    content_type: str = "application/json",
    tag: str,
) -> Callable[[F], F]:
    """Describe one method of a Resource; without a reply it answers 204 and nothing."""
    success: dict[Any, Any] = {204: OpenApiResponse(description="Done.")}
    if reply:
        success = {(200, content_type): reply}
    refusals = {status: OpenApiResponse(Error, text) for status, text in _REFUSALS.items()}
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=f"{summary}.",
        tags=[tag],
        parameters=[query] if query else [],
        request=body,
        responses=success | refusals,
    )
