"""Whose e-mail addresses are whose."""

from __future__ import annotations

from accounts.models import SsoConnection, SsoDomain


def is_proven(organization_id: str, email: str) -> bool:
    """Whether an address lies in a domain that this Organization has proven to be its own."""
    own = SsoDomain.objects.proven().of(email)
    return own.filter(organization_id=organization_id).exists()


def connection_for(email: str) -> SsoConnection | None:
    """Where somebody with this address signs in, known to us or not; None: here."""
    found = SsoConnection.objects.running().filter(domains__in=SsoDomain.objects.proven().of(email))
    return found.select_related("organization").first()
