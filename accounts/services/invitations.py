"""Invitations: a link that lets one address join an Organization, once, within seven days.

The link's secret is shown when it is made and mailed where mail is set up; only its hash is
kept. Making a new link ends the old one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from access import scopes
from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import ORGANIZATION_ROLES, Role
from access.scopes import PrincipalKind
from accounts.models import Invitation, Organization, OrganizationRoleBinding, User
from accounts.models.invitation import LIFETIME
from audit.record import record, snapshot
from web.errors import Conflict, DomainError, InvalidInput

AcceptListener = Callable[[Invitation, User], None]
_listeners: list[AcceptListener] = []


class WrongPerson(DomainError):
    status = 403
    title = "This invitation is for somebody else"


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
    actor: Actor,
) -> Invitation:
    """Invite an address. The answer's `link` is there this once.

    Raises Conflict for a member, or while another invitation of the address is open.
    """
    return issue(
        organization, email=email, role=role, workspace_roles=workspace_roles or {}, actor=actor
    )


def issue(
    organization: Organization,
    *,
    email: str,
    role: Role,
    workspace_roles: Mapping[str, str],
    actor: Actor,
) -> Invitation:
    """Make the row and its link; services of other scopes call this inside their own action."""
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
    )
    _new_link(invitation)
    return invitation


@action(Permission.ORGANIZATION_INVITES_CREATE)
def renew_invitation(invitation: Invitation, *, actor: Actor) -> Invitation:
    """Make a new link for seven days from now; the old one ends. Raises LinkEnded."""
    _refuse_ended(invitation)
    invitation.expires_at = timezone.now() + LIFETIME
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


def _new_link(invitation: Invitation) -> None:
    secret = secrets.token_urlsafe(32)
    invitation.secret_hash = _hash(secret)
    invitation.save()
    path = reverse("accounts:invitation_link", args=[invitation.pk, secret])
    invitation.link = f"{settings.BASE_URL}{path}"
    if settings.HAS_MAIL:
        transaction.on_commit(lambda: _mail(invitation), robust=True)


def _mail(invitation: Invitation) -> None:
    """One try; a mail server that is down shows in the log, and the link can be copied."""
    context = {"invitation": invitation, "link": invitation.link}
    send_mail(
        f"Join {invitation.organization.name} on Astro UI",
        render_to_string("emails/invitation.txt", context),
        None,
        [invitation.email],
    )


def _refuse_known(organization: Organization, email: str) -> None:
    members = OrganizationRoleBinding.objects.filter(organization=organization)
    if members.filter(user__email=email).exists():
        raise Conflict(
            f"{email} is a member already.",
            remedy="Change the role on the members page instead.",
            fields={"email": "Is a member already"},
        )
    if organization.invitations.pending().filter(email=email).exists():
        raise Conflict(
            f"{email} has an open invitation.",
            remedy="Make a new link for it, or revoke it first.",
            fields={"email": "Has an open invitation: make a new link for it on the list"},
        )


def _refuse_ended(invitation: Invitation) -> None:
    if invitation.accepted_at or invitation.revoked_at:
        raise _ended()


def _ended() -> LinkEnded:
    return LinkEnded(
        "It was accepted, revoked or replaced, or is older than seven days.",
        remedy="Ask whoever invited you for a new link.",
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
