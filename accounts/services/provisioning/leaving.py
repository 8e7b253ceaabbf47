"""How a provisioned person goes: everything that the Organization gave them ends at the commit."""

from __future__ import annotations

from allauth.idp.oidc.models import Token
from allauth.usersessions.models import UserSession
from django.db.models import Q

from access import scopes
from access.actor import Actor
from accounts.models import ApiToken, OrganizationRoleBinding, ProvisionedUser, User
from accounts.services import members, tokens
from accounts.services.provisioning.admitting import withdraw
from accounts.services.token_homes import reach
from accounts.sso import domains
from audit.record import record as write
from audit.record import snapshot


def shut_out(record: ProvisionedUser, *, actor: Actor) -> None:
    """Take membership, roles and tokens of the Organization away, and end what is open.

    Another Organization's are left alone: sessions end only where the address lies in a domain
    of this one, or where the person is in no other. Raises Conflict for the last Owner.
    """
    withdraw(record)
    if record.user is None:
        return
    user = record.user
    held = OrganizationRoleBinding.objects.filter(organization_id=record.organization_id, user=user)
    member = held.select_related("user").first()
    if member is not None:
        members.take_out(member)
    _revoke_tokens(record.organization_id, user, actor)
    if _is_theirs_alone(record.organization_id, user):
        _end_sessions(user)
    scopes.announce_on_commit(user.principal)


def _revoke_tokens(organization_id: str, user: User, actor: Actor) -> None:
    """Those that they made or rotated here last: they know the values. The one that calls stays
    in use, or a leaver who had set SCIM up would take the connection along."""
    is_known = Q(rotated_by=user) | Q(created_by=user, rotated_by=None)
    own = ApiToken.objects.filter(
        is_known, organization_id=organization_id, revoked_at=None
    ).exclude(pk=actor.principal.id)
    for token in own.select_for_update(no_key=True):
        before = snapshot(token)
        for _, binding in reach(token):
            binding.delete()
        tokens.revoke(token)
        write(actor, "accounts.revoke_token_of_leaver", token, before=before, after=snapshot(token))


def _is_theirs_alone(organization_id: str, user: User) -> bool:
    if domains.is_proven(organization_id, user.email):
        return True
    elsewhere = OrganizationRoleBinding.objects.filter(user=user)
    return not user.is_operator and not elsewhere.exists()


def _end_sessions(user: User) -> None:
    """In browsers, and those that command line tools got by OpenID Connect."""
    for session in UserSession.objects.filter(user=user):
        session.end()
    Token.objects.filter(user=user).delete()
