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
    kept = known(request)
    rows = SsoConnection.objects.select_related("organization")
    connection = rows.filter(pk=kept[0]).first() if kept else None
    if connection is None or kept is None:
        return None
    try:
        url = protocols.OF[connection.kind].sign_out_url(connection, kept[1])
    except SignInRefused:
        return None
    return (connection, url) if url else None


def known(request: HttpRequest) -> tuple[str, str] | None:
    """The id of the connection that this session came by, and what the provider knows it by."""
    kept = request.session.get(_KEY)
    if not isinstance(kept, dict):
        return None
    try:
        return str(kept.get("connection", "")), encryption.decrypt(str(kept.get("hint", "")))
    except encryption.UnreadableSecretError:
        return None
