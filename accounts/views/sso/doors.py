"""Where browsers come by on their way to an identity provider and back."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from access.permissions import Permission
from accounts.models import SsoConnection
from accounts.sso import arrivals, flows, limits, protocols, trials
from accounts.sso.claims import SignInRefused
from accounts.sso.flows import Purpose
from web import render
from web.errors import NotFound


@never_cache
def login(request: HttpRequest, key: str) -> HttpResponse:
    """Send the browser to the identity provider, by a page of ours.

    The page is there because browsers hold a form to its page's `form-action` across redirects,
    and ours names no foreign address.
    """
    limits.require_patience(request)
    connection = by_key(key)
    next_url = get_next_redirect_url(request) or ""
    try:
        return leave(request, connection, purpose=Purpose.SIGN_IN, next_url=next_url)
    except SignInRefused as refusal:
        arrivals.note_refusal(request, connection, refusal)
        raise


def leave(
    request: HttpRequest, connection: SsoConnection, *, purpose: Purpose, next_url: str = ""
) -> HttpResponse:
    """The page that leads to the provider. Raises SignInRefused where it cannot be reached."""
    if purpose is Purpose.SIGN_IN and not connection.is_active:
        raise SignInRefused("connection_off", f"Sign-in by {connection} is switched off.")
    protocol = protocols.OF[connection.kind]
    away = protocol.begin(connection, request, purpose=purpose, next_url=next_url)
    context = {"connection": connection, "url": away["Location"]}
    return render.page(request, "sso/leave.html", context)


@never_cache
def callback(request: HttpRequest, key: str) -> HttpResponse:
    """The answer of an OpenID provider."""
    return finish(request, by_key(key), request.GET.get(protocols.OF["OIDC"].state_name, ""))


def finish(request: HttpRequest, connection: SsoConnection, state: str) -> HttpResponse:
    """Prove the answer and act on it; a refusal is written down, and shown to whoever tests."""
    limits.require_patience(request)
    flow = flows.take(request, connection, state)
    purpose = flow.purpose if flow else Purpose.SIGN_IN
    try:
        if purpose is Purpose.TEST:
            _require_tester(request, connection)
        claims = protocols.OF[connection.kind].finish(connection, request, flow)
        next_url = flow.next_url if flow else ""
        return arrivals.arrive(request, connection, claims, purpose=purpose, next_url=next_url)
    except SignInRefused as refusal:
        arrivals.note_refusal(request, connection, refusal)
        if purpose is not Purpose.TEST:
            raise
        trials.keep_failure(request, connection, refusal)
        return trials.page(connection)


def by_key(key: str) -> SsoConnection:
    """Raises NotFound for a key that no connection has."""
    rows = SsoConnection.objects.select_related("organization")
    found = rows.filter(key=key).first()
    if found is None:
        raise NotFound(
            "There is no sign-in at this address.",
            remedy="Begin at the sign-in page, with your e-mail address.",
        )
    return found


def _require_tester(request: HttpRequest, connection: SsoConnection) -> None:
    actor = cast("Any", request).actor
    if not actor.can(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE, connection):
        raise SignInRefused("no_tester", "Only who sets the connection up may test it.")
