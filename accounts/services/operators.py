"""Who runs the installation. It never loses its last operator."""

from __future__ import annotations

from access import scopes
from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from accounts.models import Installation, User
from web.errors import Conflict, InvalidInput


def known(email: str) -> User:
    """The person with this address. Raises InvalidInput, which names the field."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise InvalidInput(
            f"Nobody has the e-mail address {email}.",
            remedy="They need an account first: invite them to an Organization.",
            fields={"email": "Nobody has this address"},
        )
    return user


@action(Permission.INSTALLATION_OPERATORS_UPDATE)
def grant_operator(user: User, *, actor: Actor) -> User:
    """Let a person run the installation. It gives no role in any Organization."""
    user.is_operator = True
    return _save(user)


@action(Permission.INSTALLATION_OPERATORS_UPDATE)
def revoke_operator(user: User, *, actor: Actor) -> User:
    """Take the right away. Raises Conflict for the last operator who can sign in.

    The installation's row is locked until the end of the transaction, so two operators who
    revoke each other at the same moment are answered one after the other.
    """
    Installation.objects.select_for_update(no_key=True).get(pk=Installation.current().pk)
    others = User.objects.filter(is_operator=True, status=User.Status.ACTIVE).exclude(pk=user.pk)
    if user.is_operator and not others.exists():
        raise Conflict(
            "This is the last operator of the installation.",
            remedy="Make somebody else operator first.",
        )
    user.is_operator = False
    return _save(user)


def _save(user: User) -> User:
    user.save(update_fields=["is_operator", "updated_at"])
    scopes.announce_on_commit(user.principal)
    return user
