"""What can be done to Workspaces and their members."""

from workspaces.services.members import add_member, change_member_role, invite, remove_member
from workspaces.services.workspaces import create, delete, update

__all__ = [
    "add_member",
    "change_member_role",
    "create",
    "delete",
    "invite",
    "remove_member",
    "update",
]
