"""Each request's actor: who asks, from where, with which rights; when a session was last seen."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

from access.actor import ANONYMOUS, Actor, Origin
from accounts.models import User
from web import client_address

SEEN_EVERY_SECONDS = 60
_MOST_SESSIONS = 10_000


class ActorMiddleware:
    """Give every request `request.actor`; pages never build one themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.actor = (  # type: ignore[attr-defined]
            person(user, origin(request, door="page")) if isinstance(user, User) else ANONYMOUS
        )
        return self.get_response(request)


class SeenMiddleware:
    """Keep when and from where each session was last used, for the page of one's sessions.

    True to a minute for each web process, and at once where address or browser change: written
    with every request, as allauth's own middleware does, it would cost more than most pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._written: dict[str, tuple[tuple[str, str], float]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated:
            self._note(request, key)
        return self.get_response(request)

    def _note(self, request: HttpRequest, key: str) -> None:
        client = (client_address.of(request), request.headers.get("User-Agent", ""))
        before, at = self._written.get(key, (None, 0.0))
        if client == before and time.monotonic() - at < SEEN_EVERY_SECONDS:
            return
        UserSession.objects.create_from_request(request)
        if len(self._written) >= _MOST_SESSIONS:
            self._written.clear()
        self._written[key] = (client, time.monotonic())


def person(user: User, origin: Origin) -> Actor:
    return Actor(user.principal, origin)


def origin(request: HttpRequest, *, door: str) -> Origin:
    """Where a request came from, for rights and for the audit log."""
    return Origin(
        door=door,
        source_ip=client_address.of(request),
        user_agent=request.headers.get("User-Agent", ""),
        request_id=str(getattr(request, "request_id", "")),
    )
