"""What the groups that an identity provider names are worth here."""

from __future__ import annotations

from access.actor import Actor
from accounts.models import SsoConnection, User
from accounts.sso.claims import Claims


def apply(
    connection: SsoConnection, user: User, claims: Claims, *, actor: Actor
) -> tuple[str, ...]:
    """Bring Teams and roles of somebody who signs in up to their groups, in the caller's
    transaction. Answers what changed, in words."""
    return ()


def preview(connection: SsoConnection, user: User | None, claims: Claims) -> tuple[str, ...]:
    """What `apply` would change, for the page of a test. None: for an account yet to be made."""
    return ()
