"""Roles of people and Teams on one Deployment. Each also opens the Workspace's basics to them."""

from __future__ import annotations

from datetime import datetime

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import AnyRole
from accounts import queries
from accounts.services import granting
from deployments.models import Deployment, DeploymentRoleBinding
from web.errors import InvalidInput
from workspaces.services.members import organization_member


@action(Permission.DEPLOYMENT_USERS_CREATE, creates=True)
def give_person(
    deployment: Deployment,
    *,
    email: str,
    role: AnyRole,
    until: datetime | None = None,
    actor: Actor,
) -> DeploymentRoleBinding:
    """Give a member of the Organization a role here, as `granting.give` does.

    Raises InvalidInput when nobody of the Organization has this address.
    """
    user = organization_member(deployment.workspace, email, is_locking=True)
    if user is None:
        raise InvalidInput(
            f"Nobody in {deployment.organization} has the address {email}.",
            remedy="Invite them first.",
            fields={"email": "Not a member of the Organization yet"},
        )
    made = DeploymentRoleBinding(deployment=deployment, user=user)
    return granting.give(made, role, subject=deployment, until=until, field="email", actor=actor)


@action(Permission.DEPLOYMENT_TEAMS_CREATE, creates=True)
def give_team(
    deployment: Deployment,
    *,
    name: str,
    role: AnyRole,
    until: datetime | None = None,
    actor: Actor,
) -> DeploymentRoleBinding:
    """Give a Team of the Organization a role here, as `granting.give` does."""
    team = queries.team_named(deployment.organization, name)
    made = DeploymentRoleBinding(deployment=deployment, team=team)
    return granting.give(made, role, subject=deployment, until=until, field="team", actor=actor)


@action(Permission.DEPLOYMENT_USERS_DELETE)
def change_person(
    grant: DeploymentRoleBinding,
    *,
    role: AnyRole,
    until: datetime | None = None,
    seen: str | None = None,
    actor: Actor,
) -> DeploymentRoleBinding:
    """Another role for a person; the published right to remove is also the one to change."""
    return _change(grant, role, until=until, seen=seen, actor=actor)


@action(Permission.DEPLOYMENT_TEAMS_DELETE)
def change_team(
    grant: DeploymentRoleBinding,
    *,
    role: AnyRole,
    until: datetime | None = None,
    seen: str | None = None,
    actor: Actor,
) -> DeploymentRoleBinding:
    """Another role for a Team; the published right to remove is also the one to change."""
    return _change(grant, role, until=until, seen=seen, actor=actor)


@action(Permission.DEPLOYMENT_USERS_DELETE)
def remove_person(grant: DeploymentRoleBinding, *, actor: Actor) -> None:
    """Take away a person's own role here; what they have otherwise stays."""
    granting.take(grant)


@action(Permission.DEPLOYMENT_TEAMS_DELETE)
def remove_team(grant: DeploymentRoleBinding, *, actor: Actor) -> None:
    """Take away a Team's own role here; what its people have otherwise stays."""
    granting.take(grant)


def _change(
    grant: DeploymentRoleBinding,
    role: AnyRole,
    *,
    until: datetime | None,
    seen: str | None,
    actor: Actor,
) -> DeploymentRoleBinding:
    place = grant.deployment
    return granting.change(grant, role, subject=place, until=until, seen=seen, actor=actor)
