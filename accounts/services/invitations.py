"""Invitations: a link that lets one address join an Organization, once, until it ends.

The link's secret is shown when it is made, and mailed; only its hash is kept. Making a new link
ends the old one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from access import scopes
from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require_within
from access.roles import ORGANIZATION_ROLES, WORKSPACE_ROLES, Role
from access.scopes import PrincipalKind, Scope, Scoped, ScopeKind
from accounts.models import Invitation, Organization, OrganizationRoleBinding, User
from accounts.models.invitation import MOST_DAYS, USUAL_DAYS
from accounts.services import mailing
from audit.record import record, snapshot
from web.errors import Conflict, DomainError, InvalidInput

AcceptListener = Callable[[Invitation, User], None]
_listeners: list[AcceptListener] = []


class WrongPerson(DomainError):
    status = 403
    title = "This invitation is for somebody else"


class KnownAddress(Conflict):
    """Somebody who is here already, or was asked in."""


class LinkEnded(DomainError):
    status = 410
    title = "This invitation has ended"


def on_accepted(listener: AcceptListener) -> None:
    """Have a room grant the roles of `workspace_roles` when an invitation is accepted."""
    if listener not in _listeners:
        _listeners.append(listener)


@action(Permission.ORGANIZATION_INVITES_CREATE, creates=True)
def invite(
    organization: Organization,
    *,
    email: str,
    role: Role,
    workspace_roles: Mapping[str, str] | None = None,
    days: int = USUAL_DAYS,
    is_mailed_later: bool = False,
    actor: Actor,
) -> Invitation:
    """Invite an address for 1 to 30 days. The answer's `link` is there this once.

    Raises KnownAddress for a member, or while another invitation of the address is open, and
    ExceedsOwnRights for roles above the actor's own.
    """
    for scope, given in _offered(organization, role, workspace_roles or {}):
        require_within(actor, given, scope)
    return issue(
        organization,
        email=email,
        role=role,
        workspace_roles=workspace_roles or {},
        days=days,
        is_mailed_later=is_mailed_later,
        actor=actor,
    )


def issue(
    organization: Organization,
    *,
    email: str,
    role: Role,
    workspace_roles: Mapping[str, str],
    days: int = USUAL_DAYS,
    is_mailed_later: bool = False,
    actor: Actor,
) -> Invitation:
    """Make the row and its link; services of other scopes call this inside their own action."""
    if not 1 <= days <= MOST_DAYS:
        rule = f"From 1 to {MOST_DAYS} days"
        raise InvalidInput(f"{rule}.", fields={"days": rule})
    if role not in ORGANIZATION_ROLES:
        raise InvalidInput("Not a role of an Organization.", fields={"role": "Choose a role"})
    email = email.strip().lower()
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    _refuse_known(organization, email)
    is_person = actor.principal.kind is PrincipalKind.USER
    invitation = Invitation(
        organization=organization,
        email=email,
        role=role,
        workspace_roles=dict(workspace_roles),
        invited_by_id=actor.principal.id if is_person else None,
        days=days,
    )
    _new_link(invitation, is_mailed_later=is_mailed_later)
    return invitation


@action(Permission.ORGANIZATION_INVITES_CREATE)
def renew_invitation(invitation: Invitation, *, actor: Actor) -> Invitation:
    """Make and mail a new link for as many days; the old one ends. Raises LinkEnded.

    Who makes a link may open it, so ExceedsOwnRights for an offer above the actor's own rights.
    """
    _refuse_ended(invitation)
    offer = (invitation.organization, Role(invitation.role), invitation.workspace_roles)
    for scope, given in _offered(*offer):
        require_within(actor, given, scope)
    _new_link(invitation)
    return invitation


@action(Permission.ORGANIZATION_INVITES_DELETE)
def revoke_invitation(invitation: Invitation, *, actor: Actor) -> Invitation:
    """End an invitation that nobody accepted yet. Raises LinkEnded."""
    _refuse_ended(invitation)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def find(invitation_id: str, secret: str) -> Invitation:
    """The open invitation that a link belongs to. Raises LinkEnded, whatever the reason."""
    found = Invitation.objects.pending().filter(pk=invitation_id).first()
    if found is None or not secrets.compare_digest(found.secret_hash, _hash(secret)):
        raise _ended()
    return found


def open_invitation(invitation_id: str) -> Invitation:
    """An invitation whose link was already checked in this session. Raises LinkEnded."""
    found = Invitation.objects.pending().filter(pk=invitation_id).first()
    if found is None:
        raise _ended()
    return found


@transaction.atomic
def accept(invitation: Invitation, user: User, *, actor: Actor) -> Organization:
    """Join, with the roles of the invitation; never lowers a role that `user` has already.

    The invitation itself is the right to do this, so it is no `@action`. Raises WrongPerson
    unless `user` is the invited address, LinkEnded when somebody was faster.
    """
    fresh = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if not Invitation.objects.pending().filter(pk=fresh.pk).exists():
        raise _ended()
    if user.email.lower() != fresh.email.lower():
        raise WrongPerson(
            f"It was sent to {fresh.email}; you are signed in as {user.email}.",
            remedy=f"Sign out, then open the link again and sign in as {fresh.email}.",
        )
    before = snapshot(fresh)
    OrganizationRoleBinding.objects.get_or_create(
        organization_id=fresh.organization_id, user=user, defaults={"role": fresh.role}
    )
    for listener in _listeners:
        listener(fresh, user)
    fresh.accepted_at = timezone.now()
    fresh.save(update_fields=["accepted_at"])
    record(actor, "accounts.accept_invitation", fresh, before=before, after=snapshot(fresh))
    scopes.announce_on_commit(user.principal)
    return fresh.organization


def _new_link(invitation: Invitation, *, is_mailed_later: bool = False) -> None:
    invitation.expires_at = timezone.now() + timedelta(days=invitation.days)
    secret = secrets.token_urlsafe(32)
    invitation.secret_hash = _hash(secret)
    invitation.save()
    path = reverse("accounts:invitation_link", args=[invitation.pk, secret])
    invitation.link = f"{settings.BASE_URL}{path}"
    if not is_mailed_later:
        transaction.on_commit(lambda: mailing.deliver([invitation]), robust=True)


def _offered(
    organization: Organization, role: Role, workspace_roles: Mapping[str, str]
) -> Iterator[tuple[Scoped, Role]]:
    """Each role of an offer, with where it is for."""
    yield organization, role
    for workspace_id, given in workspace_roles.items():
        if given not in WORKSPACE_ROLES:
            raise InvalidInput(
                "Not a role of a Workspace.", fields={"workspace_role": "Choose one"}
            )
        yield _Inside(organization, workspace_id), Role(given)


@dataclass(frozen=True)
class _Inside:
    """A Workspace by its id: this room does not know more of it."""

    organization: Organization
    workspace_id: str

    def access_scopes(self) -> tuple[Scope, ...]:
        own = Scope(ScopeKind.WORKSPACE, self.workspace_id)
        return (own, *self.organization.access_scopes())


def _refuse_known(organization: Organization, email: str) -> None:
    members = OrganizationRoleBinding.objects.filter(organization=organization)
    if members.filter(user__email=email).exists():
        raise KnownAddress(
            f"{email} is a member already.",
            remedy="Change the role on the members page instead.",
            fields={"email": "Is a member already"},
        )
    own = organization.invitations.filter(email=email, accepted_at=None, revoked_at=None)
    if own.pending().exists():
        raise KnownAddress(
            f"{email} has an open invitation.",
            remedy="Make a new link for it, or revoke it first.",
            fields={"email": "Has an open invitation: make a new link for it on the list"},
        )
    own.update(revoked_at=timezone.now())  # of expired ones the new one takes the place


def _refuse_ended(invitation: Invitation) -> None:
    if invitation.accepted_at or invitation.revoked_at:
        raise _ended()


def _ended() -> LinkEnded:
    return LinkEnded(
        "It was accepted, revoked or replaced, or its time is over.",
        remedy="Ask whoever invited you for a new link.",
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
