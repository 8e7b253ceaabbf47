"""Certificates that end soon, and metadata that is asked for anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import SsoConnection
from accounts.sso.saml import certificates
from accounts.sso.saml.certificates import Facts


@dataclass(frozen=True)
class Ending:
    """A connection whose last certificate ends within 30 days, or has ended."""

    connection: SsoConnection
    last: Facts
    has_ended: bool

    @property
    def words(self) -> str:
        verb = "expired" if self.has_ended else "expires"
        return (
            f"The last certificate of {self.connection} {verb} on {self.last.expires_at:%Y-%m-%d}."
        )


def of(connection: SsoConnection) -> list[Facts]:
    """What its certificates say, the longest-lasting first."""
    found = [certificates.facts(each) for each in connection.certificates]
    return sorted(found, key=lambda each: each.expires_at, reverse=True)


def ending(now: datetime) -> Iterator[Ending]:
    """Among connections by which people sign in now."""
    rows = SsoConnection.objects.running().filter(kind=SsoConnection.Kind.SAML)
    for connection in rows.select_related("organization"):
        found = of(connection)
        if found and found[0].is_ending(now):
            yield Ending(connection, found[0], found[0].has_ended(now))
