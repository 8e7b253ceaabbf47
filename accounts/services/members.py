"""Members of an Organization: their role, and how they go. It never loses its last Owner."""

from __future__ import annotations

from datetime import datetime

from access import scopes
from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import AnyRole, Role
from accounts.group_rules import heard
from accounts.models import Organization, OrganizationRoleBinding, User
from accounts.services import granting
from web.errors import Conflict, InvalidInput


@action(Permission.ORGANIZATION_USERS_UPDATE_ROLES)
def change_member_role(
    member: OrganizationRoleBinding,
    *,
    role: AnyRole,
    until: datetime | None = None,
    seen: str | None = None,
    actor: Actor,
) -> OrganizationRoleBinding:
    """Give a member another role, for ever or until a moment, as `granting.write` does.

    Raises Conflict for the last Owner.
    """
    if role != Role.ORGANIZATION_OWNER or until is not None:
        _keep_an_owner(member)
    place = member.organization
    return granting.change(member, role, subject=place, until=until, seen=seen, actor=actor)


@action(Permission.ORGANIZATION_USERS_REMOVE)
def remove_member(member: OrganizationRoleBinding, *, actor: Actor) -> None:
    """Take somebody out of the Organization and of everything in it.

    Raises Conflict for the last Owner. The account itself stays, for other Organizations.
    """
    take_out(member)


@action(Permission.ORGANIZATION_GET)
def leave(member: OrganizationRoleBinding, *, actor: Actor) -> None:
    """Leave by oneself. Raises Conflict for the last Owner, InvalidInput for somebody else."""
    if member.user_id != actor.principal.id:
        raise InvalidInput("Only the member can leave; an Owner removes others.")
    take_out(member)


def take_out(member: OrganizationRoleBinding) -> None:
    """The same in the caller's own action. Raises Conflict for the last Owner."""
    _keep_an_owner(member)
    person = _person(member)
    principal = person.principal
    heard.forget_person(member.organization, person)
    scopes.remove_grants(principal, member.organization_id)
    member.delete()
    scopes.announce_on_commit(principal)


def _keep_an_owner(member: OrganizationRoleBinding) -> None:
    """Raise Conflict when `member` is the last Owner who can sign in, for good and by hand.

    The Organization's row is locked until the end of the transaction, so two Owners who demote
    each other at the same moment are answered one after the other.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=member.organization_id)
    owners = OrganizationRoleBinding.objects.filter(
        organization_id=member.organization_id,
        role=Role.ORGANIZATION_OWNER,
        user__status=User.Status.ACTIVE,
        expires_at=None,
        is_by_rule=False,
    )
    if owners.filter(pk=member.pk).exists() and owners.count() == 1:
        raise Conflict(
            "This is the last Owner of the Organization.",
            remedy="Make another member Owner first.",
            fields={"role": "Make another member Owner first"},
        )


def _person(member: OrganizationRoleBinding) -> User:
    if member.user is None:
        raise InvalidInput("This role belongs to an API token, not to a person.")
    return member.user
