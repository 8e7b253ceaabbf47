"""Where SAML providers send browsers, and what they may read of us."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.contrib import messages as notices
from django.contrib.auth import logout as end_session
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.models import SsoConnection
from accounts.sso import arrivals, flows, leaving, limits, trials
from accounts.sso.claims import SignInRefused
from accounts.sso.flows import Purpose
from accounts.sso.saml import answer, door, logout, messages, parking
from accounts.sso.saml.answer import Assertion
from accounts.sso.saml.document import refused
from accounts.views.sso import doors
from web.errors import NotFound

_SALT = "accounts.sso.saml.refusal"
_REFUSAL_LASTS_SECONDS = 120
_LONGEST_RELAY = 2_000


@require_GET
def metadata(request: HttpRequest, key: str) -> HttpResponse:
    """What a provider needs to know of us; nothing in it is a secret."""
    written = messages.own_metadata(door.trust_of(_connection(key)))
    return HttpResponse(written, content_type="application/samlmetadata+xml")


@csrf_exempt
@require_POST
@never_cache
def acs(request: HttpRequest, key: str) -> HttpResponse:
    """The provider's answer, posted from its own page: so without our session, which is neither
    read nor made here. What was found waits for the browser at `arrived`."""
    limits.require_patience(request)
    connection = _connection(key)
    relay = request.POST.get("RelayState", "")[:_LONGEST_RELAY]
    try:
        found = {"ticket": _taken(connection, request.POST.get("SAMLResponse", ""))}
    except SignInRefused as refusal:
        arrivals.note_refusal(request, connection, refusal)
        found = {"refusal": _sealed(connection, refusal)}
    url = reverse("accounts:sso_arrived", args=[key])
    onward = HttpResponseRedirect(f"{url}?{urlencode(found | {'state': relay})}")
    onward.status_code = 303
    return onward


@require_GET
@never_cache
def arrived(request: HttpRequest, key: str) -> HttpResponse:
    """The browser comes for what the provider answered, with its own session this time."""
    connection = _connection(key)
    state, ticket = request.GET.get("state", ""), request.GET.get("ticket", "")
    if "refusal" in request.GET:
        return _show_refusal(request, connection, state)
    if parking.is_unasked(connection, ticket):
        return _begin_properly(request, connection, ticket, state)
    return doors.finish(request, connection, state)


@require_GET
@never_cache
def sls(request: HttpRequest, key: str) -> HttpResponse:
    """Back from the provider, whose session has ended as well; or the provider asks to end ours."""
    limits.require_patience(request)
    connection = _connection(key)
    if "SAMLRequest" not in request.GET:
        notices.success(request, f"You are signed out here and at {connection}.")
        return redirect("account_login")
    trust = door.trust_of(connection)
    try:
        asked = logout.verify(request.META.get("QUERY_STRING", ""), trust, now=timezone.now())
    except SignInRefused as refusal:
        arrivals.note_refusal(request, connection, refusal)
        raise
    if _is_of(request, connection, asked):
        end_session(request)
    if not trust.slo_url:
        return redirect("account_login")
    relay = request.GET.get("RelayState", "")[:_LONGEST_RELAY]
    url = messages.logout_response_url(trust, asked.id, relay, now=timezone.now())
    return HttpResponseRedirect(url)


def _taken(connection: SsoConnection, encoded: str) -> str:
    now = timezone.now()
    said = answer.verify(encoded, door.trust_of(connection), now=now)
    _check_asked(connection, said)
    return parking.park(connection, said, now=now)


def _check_asked(connection: SsoConnection, said: Assertion) -> None:
    if not said.in_response_to and not connection.idp_initiated:
        raise refused(
            "unsolicited",
            "The sign-in began at the identity provider, which this connection does not allow.",
            remedy="Begin at the sign-in page, or have an Owner allow it for the connection.",
        )


def _begin_properly(
    request: HttpRequest, connection: SsoConnection, ticket: str, target: str
) -> HttpResponse:
    """An answer that nobody here asked for signs nobody in: anybody could have put their own into
    somebody else's browser. It only says where to go, so the browser asks now, and is answered
    without a question by the provider that it just came from."""
    parking.take(connection, ticket, now=timezone.now())
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    next_url = target if is_ours else ""
    try:
        return doors.leave(request, connection, purpose=Purpose.SIGN_IN, next_url=next_url)
    except SignInRefused as refusal:
        arrivals.note_refusal(request, connection, refusal)
        raise


def _is_of(request: HttpRequest, connection: SsoConnection, asked: logout.Asked) -> bool:
    kept = leaving.known(request)
    if kept is None or kept[0] != connection.pk:
        return False
    name_id, _, session_index = json.loads(kept[1])
    indexes = asked.session_indexes
    return bool(name_id == asked.name_id and (not indexes or session_index in indexes))


def _sealed(connection: SsoConnection, refusal: SignInRefused) -> str:
    """In words of ours only: nobody else can make a page of the console say something."""
    said = [connection.pk, refusal.reason, refusal.cause, refusal.remedy]
    return str(signing.dumps(said, salt=_SALT, compress=True))


def _show_refusal(request: HttpRequest, connection: SsoConnection, state: str) -> HttpResponse:
    """It was written down already; whoever tests sees it on the page of the test."""
    try:
        said = signing.loads(request.GET["refusal"], salt=_SALT, max_age=_REFUSAL_LASTS_SECONDS)
    except signing.BadSignature:
        said = ["", "", "This page was opened before.", ""]
    refusal = refused(said[1], said[2], remedy=said[3])
    flow = flows.take(request, connection, state)
    if flow is None or flow.purpose is not Purpose.TEST or said[0] != connection.pk:
        raise refusal
    trials.keep_failure(request, connection, refusal)
    return trials.page(connection)


def _connection(key: str) -> SsoConnection:
    found = doors.by_key(key)
    if found.kind != SsoConnection.Kind.SAML:
        raise NotFound("This connection does not speak SAML.")
    return found
