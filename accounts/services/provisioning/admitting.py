"""How a provisioned person comes in: at once where the Organization may decide that, else asked.

An Organization decides over addresses in domains that it has proven. About any other address its
identity provider may say what it likes: no account is looked up, linked, changed or made for it.
Its person gets an invitation and joins by accepting it; who is a member already is a member.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.utils import timezone

from access import scopes
from access.actor import Actor, system
from access.roles import Role
from accounts.group_rules import applying as group_rules
from accounts.models import (
    Invitation,
    OrganizationRoleBinding,
    ProvisionedUser,
    TeamMembership,
    User,
)
from accounts.services import invitations, people
from accounts.services.provisioning.errors import Taken
from accounts.sso import domains, squatters
from web.prepared import Prepared, insert

_by_email = Prepared(lambda email: User.objects.filter(email=email).order_by())


def admit(record: ProvisionedUser, *, actor: Actor) -> None:
    """Let somebody active in, making the account where there is none; the caller saves `record`.

    Raises Taken where a new address is another account's.
    """
    if not record.email:
        return
    is_theirs = domains.is_proven(record.organization_id, record.email)
    if record.user is not None and (is_theirs or _is_in(record, record.user)):
        if is_theirs:
            _describe(record, record.user, actor)
        _join(record, record.user)
        return
    record.user = None  # a guest who left; they are asked like everybody of a foreign address
    known = _by_email.first(record.email) if is_theirs else _member(record)
    if known is not None:
        if is_theirs and _member(record) is None:
            _take_over(known)
        record.user = known
        _join(record, known)
    elif is_theirs:
        record.user = _make(record)
    else:
        _ask(record, actor)


def _take_over(known: User) -> None:
    if squatters.is_guarded(known):
        raise Taken(
            "An account of another Organization has this e-mail address, with a second factor, "
            "and nobody has confirmed the address here.",
            remedy="Invite the address and have its person accept, then send this again. If the "
            "account is nobody's of yours, ask whoever runs the console: ./console user reset-2fa.",
        )
    squatters.shut_out(known)


def joined(invitation: Invitation, user: User) -> None:
    """A listener of `invitations.on_accepted`: who was asked in for a record is its account."""
    record = (
        ProvisionedUser.objects.select_for_update(no_key=True)
        .filter(
            organization_id=invitation.organization_id,
            email=user.email,
            is_active=True,
            user=None,
        )
        .first()
    )
    if record is not None:
        record.user, record.invitation = user, None
        record.save(update_fields=["user", "invitation", "updated_at"])
        _enter_teams(record, user)


def _make(record: ProvisionedUser) -> User:
    """A new account, which has no password, and its membership."""
    made = User(email=record.email, full_name=record.full_name)
    made.set_unusable_password()
    insert(made)
    insert(_bind(record, made))
    if not record._state.adding:
        _enter_teams(record, made)
    return made


def _bind(record: ProvisionedUser, user: User) -> OrganizationRoleBinding:
    return OrganizationRoleBinding(
        organization_id=record.organization_id,
        user=user,
        role=Role.ORGANIZATION_MEMBER,
        is_by_rule=True,
    )


def _member(record: ProvisionedUser) -> User | None:
    """Who is in the Organization with this address already."""
    held = OrganizationRoleBinding.objects.filter(
        organization_id=record.organization_id, user__email=record.email
    )
    found = held.select_related("user").first()
    return found.user if found else None


def _is_in(record: ProvisionedUser, user: User) -> bool:
    rows = OrganizationRoleBinding.objects.filter(organization_id=record.organization_id, user=user)
    return rows.exists()


def _join(record: ProvisionedUser, user: User) -> None:
    """A member keeps the role that they have."""
    if not _is_in(record, user):
        insert(_bind(record, user))
        scopes.announce_on_commit(user.principal)
    if not record._state.adding:
        _enter_teams(record, user)


def _enter_teams(record: ProvisionedUser, user: User) -> None:
    """Those of its groups, which it left when it was switched off."""
    team_ids = record.memberships.values_list("group_id", flat=True)
    rows = [TeamMembership(team_id=each, user=user) for each in team_ids]
    if rows:
        TeamMembership.objects.bulk_create(rows, ignore_conflicts=True)
        scopes.announce_on_commit(user.principal)
        group_rules.bring_up_to_date(record.organization, [user.pk], actor=system("scim"))


def _ask(record: ProvisionedUser, actor: Actor) -> None:
    """An invitation, whose link an Owner makes and sends from its page."""
    if record.invitation is not None and record.invitation.email == record.email:
        return
    withdraw(record)
    open_one = Invitation.objects.pending().filter(
        organization_id=record.organization_id, email=record.email
    )
    if open_one.exists():
        return
    record.invitation = invitations.invite(
        record.organization,
        email=record.email,
        role=Role.ORGANIZATION_MEMBER,
        is_mailed_later=True,
        actor=actor,
    )


def withdraw(record: ProvisionedUser) -> None:
    """End the invitation that waits for somebody who never came; the caller saves the record."""
    asked, record.invitation = record.invitation, None
    if asked is not None and asked.accepted_at is None and asked.revoked_at is None:
        asked.revoked_at = timezone.now()
        asked.save(update_fields=["revoked_at"])


def _describe(record: ProvisionedUser, user: User, actor: Actor) -> None:
    """Name and address of an account, where both addresses are the Organization's to decide."""
    if not domains.is_proven(record.organization_id, user.email):
        return
    before = {"email": user.email, "full_name": user.full_name}
    user.full_name = record.full_name or user.full_name
    if user.email != record.email:
        _readdress(user, record.email)
    after = {"email": user.email, "full_name": user.full_name}
    if before != after:
        user.save(update_fields=["email", "full_name", "updated_at"])
        people.note(user, "accounts.describe_user", before=before, after=after, actor=actor)
        scopes.announce_on_commit(user.principal)


def _readdress(user: User, email: str) -> None:
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise Taken(
            "Another account has this e-mail address.",
            remedy="Give the user another address, or let the other one go first.",
        )
    user.email = email
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
