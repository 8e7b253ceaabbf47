"""The door itself: bearer, body and method in, JSON out; every refusal in SCIM's own form."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.services.provisioning import calls as book
from accounts.services.provisioning.calls import Outcome
from api.scim import errors
from api.scim.authentication import Caller, identify
from api.scim.calls import Answer, Call, Handler
from api.scim.errors import MEDIA_TYPE, InvalidSyntax, MethodNotAllowed, UnsupportedBody
from web.errors import DomainError, NotFound, TooLarge

_JSON = re.compile(r"application/(?:scim\+)?json\s*(?:;.*)?", re.IGNORECASE)
_WITH_BODY = ("POST", "PUT", "PATCH")
log = logging.getLogger(__name__)


def resource(**handlers: Handler) -> Any:
    """A view of one address: by method what answers there."""

    @csrf_exempt
    def view(request: HttpRequest, organization_id: str, **inside: str) -> HttpResponse:
        began = time.perf_counter()
        caller: Caller | None = None
        try:
            caller = identify(request, organization_id)
            answer = _handled(request, caller, handlers, inside)
        except Exception as error:  # noqa: BLE001 - each becomes an answer, the unknown is logged
            answer = _refused(request, error)
        if caller is not None:
            took = (time.perf_counter() - began) * 1000
            book.note(caller.organization.pk, _outcome(request, caller, answer, took))
        return _response(request, answer)

    return view


def _handled(
    request: HttpRequest, caller: Caller, handlers: Mapping[str, Handler], inside: Mapping[str, str]
) -> Answer:
    method = request.method or ""
    handler = handlers.get("GET" if method == "HEAD" else method)
    if handler is None:
        raise MethodNotAllowed(
            f"{method} does not work here.",
            remedy=f"Use {', '.join(handlers) or 'another address'}.",
        )
    call = Call(
        caller.organization,
        caller.actor,
        query=request.GET.dict(),
        body=_body(request) if method in _WITH_BODY else None,
        if_match=request.headers.get("If-Match", ""),
        if_none_match=request.headers.get("If-None-Match", ""),
    )
    return handler(call, *inside.values())


def _body(request: HttpRequest) -> Any:
    if not _JSON.fullmatch(request.headers.get("Content-Type", "").strip()):
        raise UnsupportedBody(
            "The body must be JSON.", remedy=f"Send it as {MEDIA_TYPE} or application/json."
        )
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise InvalidSyntax(
            "The body is not JSON.", remedy="Correct it and send it again."
        ) from None


def _refused(request: HttpRequest, error: Exception) -> Answer:
    """The answer to any error; no message repeats a bearer."""
    if isinstance(error, DomainError):
        return Answer(error.status, errors.of(error))
    if isinstance(error, RequestDataTooBig):
        cause = "The body is larger than 4 MiB."
        return Answer(413, errors.of(TooLarge(cause, remedy="Send it in parts.")))
    if isinstance(error, DataError):
        return Answer(400, errors.body(400, "A value cannot be kept. Shorten it.", "invalidValue"))
    reference = getattr(request, "request_id", "")
    if isinstance(error, OperationalError | InterfaceError):
        log.error("The database does not answer [%s]", reference, exc_info=error)
        return Answer(503, errors.body(503, "The console's database does not answer. Try again."))
    log.error("unexpected error [%s]", reference, exc_info=error)
    words = f"Something failed in the console. Quote {reference} to whoever runs it."
    return Answer(500, errors.body(500, words))


def _response(request: HttpRequest, answer: Answer) -> HttpResponse:
    has_body = answer.body is not None and answer.status not in (204, 304)
    text = json.dumps(answer.body) if has_body else ""
    response = HttpResponse(text, content_type=MEDIA_TYPE, status=answer.status)
    if answer.location:
        response["Location"] = answer.location
    if answer.version:
        response["ETag"] = answer.version
    if answer.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    response["Cache-Control"] = "no-store"
    return response


def _outcome(request: HttpRequest, caller: Caller, answer: Answer, took_ms: float) -> Outcome:
    """Neither body nor query: these hold what people are called."""
    said = answer.body.get("detail", "") if isinstance(answer.body, dict) else ""
    _, _, path = request.path.partition(f"/scim/v2/{caller.organization.pk}")
    return Outcome(
        at=time.time(),
        method=request.method or "",
        path=path[:120] or "/",
        status=answer.status,
        detail=str(said)[:300] if answer.status >= 400 else "",
        took_ms=round(took_ms, 1),
        token=caller.actor.principal.label[:100],
        user_agent=caller.actor.origin.user_agent[:100],
    )


def unknown(call: Call, *_: str) -> Answer:
    raise NotFound("There is no such address below the base URL.", remedy="See /ResourceTypes.")
