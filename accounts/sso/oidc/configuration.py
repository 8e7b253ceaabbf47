"""What somebody has to say of an OpenID provider."""

from __future__ import annotations

from accounts.models import SsoConnection
from accounts.sso.oidc import discovery
from web.errors import DomainError, InvalidInput
from web.outgoing import rules

FIELDS = ("discovery_url", "client_id", "client_secret", "scopes")


def check(connection: SsoConnection) -> None:
    """Raise InvalidInput, naming the field, for what cannot be used; nobody is asked yet.

    All of it may be left out of one that is not in use: the provider is told of us first.
    """
    is_draft = connection.state == SsoConnection.State.DRAFT
    if is_draft and not connection.discovery_url and not connection.client_id:
        return
    try:
        rules.checked(discovery.complete(connection.discovery_url))
    except DomainError as fault:
        raise _refused("discovery_url", fault.cause) from None
    connection.discovery_url = discovery.complete(connection.discovery_url)
    if not connection.client_id:
        raise _refused("client_id", "The client ID that the provider gave to this console.")


def _refused(field: str, words: str) -> InvalidInput:
    return InvalidInput(words, fields={field: words})
