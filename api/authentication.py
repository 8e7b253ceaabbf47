"""Who calls the API: a bearer token makes the actor of the request."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from access.actor import Actor
from accounts import ip_access
from accounts.middleware import origin
from accounts.models import ApiToken
from accounts.services import bearers


class ApiTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <JWT>`; sets `request.actor` and answers (token, actor)."""

    def authenticate(self, request: Request) -> tuple[ApiToken, Actor] | None:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        where = origin(request._request, door="api")
        token = bearers.identify(value.strip(), where)
        actor = Actor(token.principal, where)
        ip_access.require_admitted(token.organization, actor)
        request._request.actor = actor  # type: ignore[attr-defined]
        return token, actor

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasToken(BasePermission):
    """Somebody was recognised; what they may do is asked by queries and services."""

    def has_permission(self, request: Request, view: object) -> bool:
        return isinstance(request.auth, Actor)
