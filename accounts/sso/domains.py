"""Whose e-mail addresses are whose."""

from __future__ import annotations

from collections.abc import Iterable

from accounts import domain_names
from accounts.models import SsoConnection, SsoDomain
from web.prepared import Prepared

_proven = Prepared(lambda domain: SsoDomain.objects.proven().filter(domain=domain).order_by())


def is_proven(organization_id: str, email: str) -> bool:
    """Whether an address lies in a domain that this Organization has proven to be its own."""
    found = _proven.first(domain_names.of(email))
    return found is not None and found.organization_id == organization_id


def are_given_to(connection: SsoConnection, emails: Iterable[str]) -> bool:
    """Whether all these addresses lie in domains whose people sign in by this connection."""
    given = SsoDomain.objects.proven().filter(connection=connection)
    return all(given.of(each).exists() for each in set(emails))


def connection_for(email: str) -> SsoConnection | None:
    """Where somebody with this address signs in, known to us or not; None: here."""
    found = SsoConnection.objects.running().filter(domains__in=SsoDomain.objects.proven().of(email))
    return found.select_related("organization").first()
