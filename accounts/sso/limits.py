"""How often one address may be refused: each refusal is a row of the log that stays for ever."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from web import client_address
from web.errors import DomainError

MOST, SECONDS = 120, 300


class TooManyRefusals(DomainError):
    status = 429
    title = "Too many sign-ins were refused"


def require_patience(request: HttpRequest) -> None:
    """Raise TooManyRefusals for an address that was refused 120 times within five minutes."""
    if (cache.get(_key(request)) or 0) >= MOST:
        raise TooManyRefusals(
            f"From your address came {MOST} sign-ins within five minutes that were refused.",
            remedy="Wait five minutes, then begin at the sign-in page.",
        )


def count(request: HttpRequest) -> None:
    """One more."""
    key = _key(request)
    if not cache.add(key, 1, timeout=SECONDS):
        try:
            cache.incr(key)
        except ValueError:  # it ended between the two
            cache.add(key, 1, timeout=SECONDS)


def _key(request: HttpRequest) -> str:
    return f"accounts:sso:refused:{client_address.of(request)}"
