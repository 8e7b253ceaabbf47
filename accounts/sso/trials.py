"""A test sign-in: what was received and what would have happened. It signs nobody in."""

from __future__ import annotations

import time
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import SsoConnection
from accounts.services import sso_connections
from accounts.sso import rules
from accounts.sso.claims import Claims, SignInRefused
from accounts.sso.decisions import decide

_KEY = "sso_test"


def conclude(request: HttpRequest, connection: SsoConnection, claims: Claims) -> HttpResponse:
    """Keep the result for whoever tests, and lead to its page; a passed one is noted."""
    result: dict[str, Any] = {"received": _shown(claims), "mapped": _mapped(claims)}
    try:
        decision = decide(connection, claims)
    except SignInRefused as refusal:
        keep_failure(request, connection, refusal, **result)
    else:
        actor = cast("Any", request).actor
        sso_connections.pass_test(connection, tested_as=decision.user, actor=actor)
        result |= {"words": decision.words}
        result |= {"rules": list(rules.preview(connection, decision.user, claims))}
        _keep(request, connection, result)
    return page(connection)


def page(connection: SsoConnection) -> HttpResponse:
    return redirect("accounts:sso_test", connection.organization_id, connection.pk)


def keep_failure(
    request: HttpRequest, connection: SsoConnection, refusal: SignInRefused, **result: Any
) -> None:
    """The result of a test that did not pass."""
    failure = {"reason": refusal.reason, "cause": refusal.cause, "remedy": refusal.remedy}
    _keep(request, connection, {**result, "failure": failure})


def last(request: HttpRequest, connection: SsoConnection) -> dict[str, Any] | None:
    """What the last test in this browser found for this connection."""
    kept = request.session.get(_KEY)
    is_ours = isinstance(kept, dict) and kept.get("connection") == connection.pk
    return cast("dict[str, Any]", kept) if is_ours else None


def _keep(request: HttpRequest, connection: SsoConnection, result: dict[str, Any]) -> None:
    request.session[_KEY] = {**result, "connection": connection.pk, "at": time.time()}


def _mapped(claims: Claims) -> list[list[str]]:
    return [
        ["Subject", claims.subject],
        ["E-mail", claims.email],
        ["Name", claims.full_name],
        ["Groups", ", ".join(claims.groups)],
    ]


def _shown(claims: Claims) -> list[list[str]]:
    """As text, cut to what a page and a session can hold."""
    return [[str(name)[:200], str(value)[:1000]] for name, value in sorted(claims.raw.items())][
        :100
    ]
