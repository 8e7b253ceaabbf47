"""Errors as the Astro API words them: `{message, requestId, statusCode}`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from web.errors import DomainError

_WIRE_NAMES = {
    "cluster": "clusterId",
    "enforces_ci_cd": "isCicdEnforced",
    "runtime_version": "astroRuntimeVersion",
    "variable": "environmentVariables",
}
log = logging.getLogger(__name__)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Answer a domain error with its own status, DRF's own in the same form, others as 500.

    No message repeats a value of the request: it may be a secret.
    """
    request_id = getattr(context["request"], "request_id", "")
    if isinstance(error, DomainError):
        return _answer(words(error), error.status, request_id)
    if isinstance(error, RequestDataTooBig):
        return _answer("The body is larger than this address takes.", 413, request_id)
    if isinstance(error, OperationalError | InterfaceError):
        log.error("The database does not answer [%s]", request_id, exc_info=error)
        return _answer("The console's database does not answer. Try again.", 503, request_id)
    response = exception_handler(error, context)
    if response is None:
        log.exception("unexpected error [%s]", request_id)
        message = "Something failed in the console. Quote the request id to whoever runs it."
        return _answer(message, 500, request_id)
    detail = error.detail if isinstance(error, APIException) else response.data
    return _answer(
        " ".join(_sentences(detail)), response.status_code, request_id, dict(response.items())
    )


def words(error: DomainError) -> str:
    """Cause and remedy, after the names of the fields that are at fault."""
    fields = ", ".join(dict.fromkeys(_wire_name(name) for name in error.fields))
    said = f"{error.cause} {error.remedy}".strip()
    return f"{fields}: {said}" if fields else said


def _wire_name(field: str) -> str:
    """A field of a service as the API calls it."""
    name = field.partition(".")[0]
    first, *others = name.split("_")
    return _WIRE_NAMES.get(name) or first + "".join(part.title() for part in others)


def body(message: str, status: int, request_id: str) -> dict[str, Any]:
    return {"message": message, "requestId": request_id, "statusCode": status}


def _sentences(detail: Any, field: str = "") -> Iterator[str]:
    """`type: This field is required.` for each field, nested ones with a dotted name."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = "" if name in ("detail", "non_field_errors") else str(name)
            yield from _sentences(inner, f"{field}.{own}" if field and own else own or field)
    elif isinstance(detail, list | tuple):
        for inner in detail:
            yield from _sentences(inner, field)
    else:
        yield f"{field}: {detail}" if field else str(detail)


def _answer(
    message: str, status: int, request_id: str, headers: dict[str, str] | None = None
) -> Response:
    shown = dict(headers or {})
    if status == 401:
        shown.setdefault("WWW-Authenticate", "Bearer")
    return Response(body(message, status, request_id), status=status, headers=shown)
