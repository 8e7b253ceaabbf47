"""Errors as the Astro API words them: `{message, requestId, statusCode}`."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from web.errors import DomainError


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a domain error with its own status, DRF's own in the same form."""
    request_id = getattr(context["request"], "request_id", "")
    if isinstance(error, DomainError):
        message = f"{error.cause} {error.remedy}".strip()
        return _answer(message, error.status, request_id)
    response = exception_handler(error, context)
    if response is None:
        return None
    detail = error.detail if isinstance(error, APIException) else response.data
    return _answer(str(detail), response.status_code, request_id, dict(response.items()))


def _answer(
    message: str, status: int, request_id: str, headers: dict[str, str] | None = None
) -> Response:
    body = {"message": message, "requestId": request_id, "statusCode": status}
    return Response(body, status=status, headers=headers)
