"""What every request passes: an id to quote, and errors turned into answers."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.deprecation import MiddlewareMixin

from web import metrics, problems
from web.errors import DomainError
from web.render import is_fragment

log = logging.getLogger(__name__)


class RequestIdMiddleware:
    """Give each request an id of our own making, say it in `X-Request-Id`, and count the request.

    A caller's own id is not taken over: it would let strangers write into the logs.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        if self.is_async:
            return self._answer(request)
        return _signed(request, self.get_response(request))

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        return _signed(request, await self.get_response(request))


def _signed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
    metrics.count(request, response)
    return response


class ProgramMiddleware(MiddlewareMixin):
    """What answers programs is no page: a browser that is led there may do nothing with it."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        return response


class SignedOutMiddleware(MiddlewareMixin):
    """Whose session has ended signs in on a whole page, and comes back to where they were.

    A part that htmx fetches would follow the redirect and put the sign-in page inside the page.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        location = response.headers.get("Location", "")
        is_sign_in = location.partition("?")[0] == resolve_url(settings.LOGIN_URL)
        if not is_sign_in or not is_fragment(request):
            return response
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})


class DomainErrorMiddleware(MiddlewareMixin):
    """A domain error says itself what happened, why and what to do; this puts it on a page."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """No id holds a NUL, and PostgreSQL refuses to be asked for one."""
        if "\x00" in request.path_info:
            return problems.response(request, problems.PROBLEMS[404])
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer errors that have a face of their own; leave the rest to Django's handlers."""
        problem = _problem(error)
        if isinstance(error, DataError) and _holds_nul(request):
            problem = problems.PROBLEMS[400]
        if problem is None:
            return None
        reference = getattr(request, "request_id", "")
        log.info("%s %s: %s [%s]", request.method, request.path, problem.title, reference)
        return problems.response(request, problem)


def _holds_nul(request: HttpRequest) -> bool:
    """Whether something was sent that PostgreSQL takes in no text."""
    sent = (value for form in (request.GET, request.POST) for _, value in form.items())
    return any("\x00" in str(value) for value in sent)


def _problem(error: Exception) -> problems.Problem | None:
    if isinstance(error, DomainError):
        usual = problems.PROBLEMS.get(error.status, problems.PROBLEMS[400])
        return problems.Problem(
            error.status, error.title, error.cause, error.remedy or usual.remedy
        )
    if isinstance(error, RequestDataTooBig):
        return problems.PROBLEMS[413]
    if isinstance(error, OperationalError | InterfaceError):
        log.error("The database does not answer", exc_info=error)
        return problems.PROBLEMS[503]
    return None
