"""Somebody else may have signed up with an address before, where nobody had to prove it."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from access import scopes
from accounts.models import User


def shut_out(user: User) -> None:
    """Take away what was never proven, before an Organization takes the account as its own.

    That is password, second factors and sessions, of an account whose address nobody confirmed.
    Whom the Organization had let in before is known to it, so call this for others alone. Who
    runs the installation was made that by its own command, and keeps all.
    """
    is_proven = EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()
    if is_proven or user.is_operator:
        return
    user.set_unusable_password()
    user.save(update_fields=["password", "updated_at"])
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    scopes.announce_on_commit(user.principal)
