"""The one place where proven claims become a session, a test's result, or a refusal."""

from __future__ import annotations

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from access.actor import Actor
from access.scopes import Principal, PrincipalKind
from accounts import suspension
from accounts.middleware import origin
from accounts.models import SsoConnection, User
from accounts.sso import enforcement, joining, leaving, limits, trials
from accounts.sso.claims import Claims, SignInRefused
from accounts.sso.flows import Purpose
from audit.models import Outcome
from audit.record import record


def arrive(
    request: HttpRequest,
    connection: SsoConnection,
    claims: Claims,
    *,
    purpose: Purpose,
    next_url: str = "",
) -> HttpResponse:
    """Sign the person in whom the claims mean, or show what that would have done.

    allauth carries it on from there: a second factor of the console's is asked for as ever.
    Raises SignInRefused, and OrganizationSuspended: a tenant that is shut out names nobody.
    """
    if purpose is Purpose.TEST:
        return trials.conclude(request, connection, claims)
    suspension.require_active(connection.organization)
    if not connection.is_active:
        raise SignInRefused(
            "connection_off",
            f"Sign-in by {connection} is switched off.",
            remedy="Sign in another way, or ask an Owner of the Organization.",
            email=claims.email,
        )
    with transaction.atomic():  # who is switched off meanwhile has no session that is left over
        user = joining.settle(connection, claims, origin=origin(request, door="page"))
        return _begin(request, connection, claims, user, next_url=next_url)


def _begin(
    request: HttpRequest, connection: SsoConnection, claims: Claims, user: User, *, next_url: str
) -> HttpResponse:
    if request.user.is_authenticated and request.user.pk != user.pk:
        logout(request)
    record_authentication(request, user, method=enforcement.SSO, **_note(connection))
    leaving.remember(request, connection, claims.session_hint)
    login = Login(
        user=user,
        email=user.email,
        email_verification=EmailVerificationMethod.NONE,
        redirect_url=next_url or None,
    )
    answer: HttpResponse = perform_login(request, login)
    return answer


def _note(connection: SsoConnection) -> dict[str, str]:
    return {"connection": connection.pk, "organization": connection.organization_id}


def note_refusal(request: HttpRequest, connection: SsoConnection, refusal: SignInRefused) -> None:
    """Write down, for the Organization, that somebody was not let in and why."""
    limits.count(request)
    who = Principal(PrincipalKind.ANONYMOUS, "", refusal.email or "anonymous")
    record(
        Actor(who, origin(request, door="page")),
        "accounts.sso_sign_in",
        connection,
        outcome=Outcome.REFUSED,
        after={"reason": refusal.reason, "cause": refusal.cause, "email": refusal.email},
    )
