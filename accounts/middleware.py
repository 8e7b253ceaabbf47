"""Each request's actor: who asks, from where, with which rights."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from access.actor import ANONYMOUS, Actor, Origin
from accounts.models import User


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


def person(user: User, origin: Origin) -> Actor:
    return Actor(user.principal, origin)


def origin(request: HttpRequest, *, door: str) -> Origin:
    """Where a request came from. The web server has already resolved trusted proxies."""
    return Origin(
        door=door,
        source_ip=str(request.META.get("REMOTE_ADDR", "")),
        user_agent=request.headers.get("User-Agent", ""),
        request_id=str(getattr(request, "request_id", "")),
    )
