"""Which ways of signing in a domain's people may use, and whether a session came by one.

The rule is asked anew with each request, from the session's own notes of how it was begun; so an
old session ends at its next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

from accounts.models import SsoDomain, User
from web.errors import Conflict, DomainError

SSO = "sso"
BYPASS = "sso_bypass"
"""How a session's notes name a connection and a bypass link; the rest is allauth's."""
Login = SsoDomain.Login


class WayRefused(DomainError):
    """The domain's rule leaves other ways only."""

    status = 403
    title = "This is not how your domain signs in"


def rule_for(email: str) -> SsoDomain | None:
    """The domain whose rule holds for an address; None where every way is open."""
    found = SsoDomain.objects.proven().of(email).exclude(enforced_logins=[])
    return found.select_related("organization", "connection").first()


def forbids(email: str, way: str) -> SsoDomain | None:
    """The rule, where it leaves this way out."""
    rule = rule_for(email)
    return rule if rule is not None and way not in rule.enforced_logins else None


def refusal_of(rule: SsoDomain) -> WayRefused:
    """Cause, and the way that is open."""
    ways = " or ".join(Login(each).label.lower() for each in rule.enforced_logins)
    name = f" ({rule.connection})" if rule.connection else ""
    return WayRefused(
        f"{rule.organization} has people of {rule.domain} sign in by {ways}{name} only.",
        remedy="Enter your e-mail address on the sign-in page; it leads you there.",
    )


def require_password(email: str) -> None:
    """Raise WayRefused where people of the address's domain have no passwords."""
    rule = forbids(email, Login.PASSWORD)
    if rule is not None:
        raise refusal_of(rule)


def require_free_to_move(email: str) -> None:
    """Raise Conflict for who would leave their domain's rule by taking another address."""
    rule = rule_for(email)
    if rule is not None:
        raise Conflict(
            f"{rule.organization} says how people of {rule.domain} sign in, and whose address is "
            "whose.",
            remedy="Have your address changed at your company's identity provider.",
        )


def broken_by(request: HttpRequest, user: User) -> SsoDomain | None:
    """The rule that this browser's session does not fulfil."""
    return broken_by_records(user.email, get_authentication_records(request, user))


def broken_by_records(email: str, records: Iterable[Mapping[str, Any]]) -> SsoDomain | None:
    rule = rule_for(email)
    return None if rule is None or _fulfils(rule, records) else rule


def _fulfils(rule: SsoDomain, records: Iterable[Mapping[str, Any]]) -> bool:
    return any(
        _is_bypass(rule, each) or _way(rule, each) in rule.enforced_logins for each in records
    )


def _is_bypass(rule: SsoDomain, record: Mapping[str, Any]) -> bool:
    is_ours = record.get("organization") == rule.organization_id
    return record.get("method") == BYPASS and is_ours


def _way(rule: SsoDomain, record: Mapping[str, Any]) -> str:
    """What a note stands for; a second factor alone is no way in."""
    method = record.get("method")
    if method == SSO:
        return Login.SSO if record.get("organization") == rule.organization_id else ""
    if method == "mfa":
        return Login.PASSKEY if record.get("passwordless") else ""
    return Login.PASSWORD if method == "password" else ""
