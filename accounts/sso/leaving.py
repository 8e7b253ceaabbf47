"""Signing out at the identity provider too, where it offers that."""

from __future__ import annotations

from django.http import HttpRequest

from access import encryption
from accounts.models import SsoConnection
from accounts.sso import protocols
from accounts.sso.claims import SignInRefused

_KEY = "sso_session"


def remember(request: HttpRequest, connection: SsoConnection, hint: str) -> None:
    """Keep what the provider knows this session by; it is sealed, as sessions are rows in clear."""
    request.session[_KEY] = {"connection": connection.pk, "hint": encryption.encrypt(hint)}


def address(request: HttpRequest) -> tuple[SsoConnection, str] | None:
    """Where the browser goes on to, so that the provider's session ends as well.

    None where this one did not come by a provider, or that offers nothing or does not answer:
    signing out here never waits for it in vain.
    """
    kept = request.session.get(_KEY)
    if not isinstance(kept, dict):
        return None
    rows = SsoConnection.objects.select_related("organization")
    connection = rows.filter(pk=kept.get("connection", "")).first()
    if connection is None:
        return None
    try:
        hint = encryption.decrypt(str(kept.get("hint", "")))
        url = protocols.OF[connection.kind].sign_out_url(connection, hint)
    except (SignInRefused, encryption.UnreadableSecretError):
        return None
    return (connection, url) if url else None
