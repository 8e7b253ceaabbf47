"""Teams in a Workspace: their role, and how it goes."""

from __future__ import annotations

from datetime import datetime

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import AnyRole
from accounts import queries
from accounts.services import granting
from workspaces.models import Workspace, WorkspaceRoleBinding


@action(Permission.WORKSPACE_TEAMS_ASSIGN, creates=True)
def add_team(
    workspace: Workspace,
    *,
    name: str,
    role: AnyRole,
    until: datetime | None = None,
    actor: Actor,
) -> WorkspaceRoleBinding:
    """Give a Team of the Organization a role here, as `granting.give` does.

    Raises InvalidInput when the Organization has no Team of this name.
    """
    made = WorkspaceRoleBinding(
        workspace=workspace, team=queries.team_named(workspace.organization, name)
    )
    return granting.give(made, role, subject=workspace, until=until, field="team", actor=actor)


@action(Permission.WORKSPACE_TEAMS_ASSIGN)
def change_team_role(
    team: WorkspaceRoleBinding,
    *,
    role: AnyRole,
    until: datetime | None = None,
    seen: str | None = None,
    actor: Actor,
) -> WorkspaceRoleBinding:
    """Give a Team another role in this Workspace, as `granting.write` does."""
    place = team.workspace
    return granting.change(team, role, subject=place, until=until, seen=seen, actor=actor)


@action(Permission.WORKSPACE_TEAMS_REMOVE)
def remove_team(team: WorkspaceRoleBinding, *, actor: Actor) -> None:
    """Take away a Team's role here; its people keep what they have otherwise."""
    granting.take(team)
