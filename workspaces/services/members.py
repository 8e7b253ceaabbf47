"""Members of a Workspace: people of its Organization, or invited to both at once."""

from __future__ import annotations

from datetime import datetime

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require_within
from access.roles import WORKSPACE_ROLES, AnyRole, Role
from accounts.models import Invitation, OrganizationRoleBinding, User
from accounts.services import granting, invitations
from web.errors import InvalidInput
from workspaces.models import Workspace, WorkspaceRoleBinding


@action(Permission.WORKSPACE_ROLES_UPDATE, creates=True)
def add_member(
    workspace: Workspace,
    *,
    email: str,
    role: AnyRole,
    until: datetime | None = None,
    actor: Actor,
) -> WorkspaceRoleBinding:
    """Give a member of the Organization a role here, as `granting.write` does.

    Raises InvalidInput when nobody of the Organization has this address, Conflict for somebody
    who has a role already.
    """
    user = organization_member(workspace, email, is_locking=True)
    if user is None:
        raise InvalidInput(
            f"Nobody in {workspace.organization} has the address {email}.",
            remedy="Invite them.",
            fields={"email": "Not a member of the Organization yet"},
        )
    made = WorkspaceRoleBinding(workspace=workspace, user=user)
    return granting.give(made, role, subject=workspace, until=until, field="email", actor=actor)


@action(Permission.WORKSPACE_INVITES_CREATE, creates=True)
def invite(workspace: Workspace, *, email: str, role: Role, actor: Actor) -> Invitation:
    """Invite an address to the Organization as a Member, with a role in this Workspace.

    Raises Conflict for a member, or while another invitation of the address is open, and
    ExceedsOwnRights for a role above the actor's own.
    """
    _check(role)
    require_within(actor, role, workspace)
    return invitations.issue(
        workspace.organization,
        email=email,
        role=Role.ORGANIZATION_MEMBER,
        workspace_roles={workspace.pk: role.value},
        actor=actor,
    )


@action(Permission.WORKSPACE_ROLES_UPDATE)
def change_member_role(
    member: WorkspaceRoleBinding,
    *,
    role: AnyRole,
    until: datetime | None = None,
    seen: str | None = None,
    actor: Actor,
) -> WorkspaceRoleBinding:
    """Give a member another role in this Workspace, as `granting.write` does."""
    place = member.workspace
    return granting.change(member, role, subject=place, until=until, seen=seen, actor=actor)


@action(Permission.WORKSPACE_ROLES_UPDATE)
def remove_member(member: WorkspaceRoleBinding, *, actor: Actor) -> None:
    """Take away somebody's role here; an Organization Owner's rights reach here all the same."""
    granting.take(member)


def organization_member(
    workspace: Workspace, email: str, *, is_locking: bool = False
) -> User | None:
    """Who of the Workspace's Organization has this address.

    `is_locking`, in a transaction: who is taken out at this moment is not found, or goes after it.
    """
    found = OrganizationRoleBinding.objects.filter(
        organization_id=workspace.organization_id, user__email=email.strip().lower()
    )
    if is_locking:
        found = found.select_for_update(of=("self",), no_key=True)
    member = found.select_related("user").first()
    return member.user if member else None


def _check(role: Role) -> None:
    if role not in WORKSPACE_ROLES:
        raise InvalidInput("Not a role of a Workspace.", fields={"role": "Choose a role"})
