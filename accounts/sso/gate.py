"""Where a domain's rule meets browsers: at sign-in, and at each request of a session."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
    record_authentication,
)
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from access.actor import Actor
from accounts.attempts import note_refusal
from accounts.middleware import origin
from accounts.models import SsoBypass, SsoDomain, User
from accounts.services import sso_bypass
from accounts.sso import enforcement

_ASKED = "sso_asked"
_BYPASS = "sso_bypass"


class EnforcementMiddleware:
    """Ends, at its next request, a session that was not begun as its domain asks for by now."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if request.session.session_key else None
        if isinstance(user, User):
            rule = enforcement.broken_by(request, user)
            if rule is not None:
                note_refusal(request, user, "accounts.keep_session", reason=_words(rule))
                logout(request)
                return turn_away(request, rule, next_url=request.get_full_path())
        return self.get_response(request)


def bar(request: HttpRequest, user: User) -> HttpResponse | None:
    """Where somebody is led who has proven who they are in a way that their domain leaves out.

    None for everybody else, and for who comes by a bypass link and a password; the link is spent
    later, when the second factor was given too. Raises BypassRefused for who cannot use it.
    """
    rule = enforcement.broken_by(request, user)
    if rule is None:
        return None
    bypass = _opened(request, rule)
    ways = {each.get("method") for each in get_authentication_records(request, user)}
    if bypass is not None and enforcement.SSO not in ways:
        by_password, actor = "password" in ways, _actor(request, user)
        sso_bypass.require_guest(bypass, user, by_password=by_password, actor=actor)
        return None
    clear_authentication_records(request)
    note_refusal(request, user, "accounts.sign_in", reason=_words(rule))
    return turn_away(request, rule)


def spend_bypass(request: HttpRequest, user: User) -> None:
    """Use up the link by which somebody just signed in, if it is by one. Raises BypassRefused."""
    rule = enforcement.broken_by(request, user)
    bypass = _opened(request, rule) if rule else None
    if bypass is None:
        return
    sso_bypass.spend(bypass, user, actor=_actor(request, user))
    request.session.pop(_BYPASS, None)
    record_authentication(
        request, user, method=enforcement.BYPASS, organization=bypass.organization_id
    )


def open_bypass(request: HttpRequest, bypass: SsoBypass) -> None:
    """Remember that this browser holds the link."""
    request.session[_BYPASS] = bypass.pk


def turn_away(request: HttpRequest, rule: SsoDomain, *, next_url: str = "") -> HttpResponse:
    """To the sign-in page, which says what the domain asks for and leads there."""
    request.session[_ASKED] = rule.pk
    query = f"?{urlencode({'next': next_url})}" if next_url else ""
    return redirect(f"{reverse('account_login')}{query}")


def asked(request: HttpRequest) -> SsoDomain | None:
    """The rule for which this browser was sent to the sign-in page, while it holds."""
    rows = SsoDomain.objects.proven().filter(pk=request.session.get(_ASKED, ""))
    return rows.exclude(enforced_logins=[]).select_related("organization", "connection").first()


def bypass_of(request: HttpRequest) -> SsoBypass | None:
    """The link that this browser opened, while it can be used."""
    return sso_bypass.usable(str(request.session.get(_BYPASS, "")))


def _opened(request: HttpRequest, rule: SsoDomain) -> SsoBypass | None:
    bypass = bypass_of(request)
    is_ours = bypass is not None and bypass.organization_id == rule.organization_id
    return bypass if is_ours else None


def _words(rule: SsoDomain) -> str:
    return f"{rule.domain} signs in by {', '.join(rule.enforced_logins)} only"


def _actor(request: HttpRequest, user: User) -> Actor:
    return Actor(user.principal, origin(request, door="page"))
