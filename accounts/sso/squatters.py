"""Somebody else may have signed up with an address before, where nobody had to prove it."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from access import scopes
from accounts.models import OrganizationRoleBinding, User


def is_guarded(user: User) -> bool:
    """Whether a second factor protects what somebody holds in some Organization, while nobody
    confirmed their address.

    Where mail is not set up, no address is ever confirmed: then this may as well be their own
    account, and no identity provider gets past its second factor.
    """
    if _is_proven(user) or user.is_operator:
        return False
    has_second_factor = Authenticator.objects.filter(user=user).exists()
    return has_second_factor and OrganizationRoleBinding.objects.filter(user=user).exists()


def shut_out(user: User) -> None:
    """Take away what was never proven, before an Organization takes the account as its own.

    That is password, second factors and sessions, of an account whose address nobody confirmed.
    Whom the Organization had let in before is known to it, so call this for others alone, and
    not for who `is_guarded`. Who runs the installation was made that by its own command, and
    keeps all.
    """
    if _is_proven(user) or user.is_operator:
        return
    user.set_unusable_password()
    user.save(update_fields=["password", "updated_at"])
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    scopes.announce_on_commit(user.principal)


def _is_proven(user: User) -> bool:
    confirmed = EmailAddress.objects.filter(user=user, email=user.email, verified=True)
    return bool(confirmed.exists())
