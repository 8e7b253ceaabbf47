"""API tokens of one Deployment: what a CI/CD pipeline deploys with; and those attached to it."""

from __future__ import annotations

from typing import Unpack

from django.db.models import Q, QuerySet

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import Role
from access.scopes import ScopeKind
from accounts.models import ApiToken
from accounts.services.token_homes import Change, Home, Wanted
from accounts.services.token_rules import shown
from deployments.models import Deployment, DeploymentRoleBinding
from web.errors import NotFound
from workspaces.services import tokens as workspace_tokens

HOME: Home[Deployment] = Home(
    ScopeKind.DEPLOYMENT,
    DeploymentRoleBinding,
    organization=lambda deployment: deployment.organization,
    claims=lambda deployment: (
        f"deploymentId:{deployment.pk}",
        f"workspaceId:{deployment.workspace_id}",
        f"organizationId:{deployment.organization_id}",
    ),
)


@action(Permission.DEPLOYMENT_API_TOKENS_CREATE, creates=True)
def create(
    deployment: Deployment,
    *,
    role: str = Role.DEPLOYMENT_ADMIN,
    actor: Actor,
    **wanted: Unpack[Wanted],
) -> ApiToken:
    """Make a token with one role on this Deployment; `value` on the answer is shown once.

    Raises InvalidInput for a lifetime that is not allowed, a role of another scope and networks
    that are none; ExceedsOwnRights for a role above the actor's own.
    """
    return HOME.create(deployment, role, actor, **wanted)


@action(Permission.DEPLOYMENT_API_TOKENS_UPDATE, also=shown)
def update(held: DeploymentRoleBinding, *, actor: Actor, **change: Unpack[Change]) -> ApiToken:
    """Change a token of the Deployment. Raises as `create`, and StaleToken."""
    return HOME.update(held, actor, **change)


@action(Permission.DEPLOYMENT_API_TOKENS_ROTATE, also=shown)
def rotate(held: DeploymentRoleBinding, *, loaded: str = "", actor: Actor) -> ApiToken:
    """Give it a new value; the old one is void at once. Raises StaleToken, ExceedsOwnRights."""
    return HOME.rotate(held, actor, loaded=loaded)


@action(Permission.DEPLOYMENT_API_TOKENS_DELETE, also=shown)
def delete(held: DeploymentRoleBinding, *, typed_name: str, actor: Actor) -> ApiToken:
    """Make it void for good. Raises InvalidInput without its name."""
    return HOME.delete(held, typed_name=typed_name)


@action(Permission.DEPLOYMENT_API_TOKENS_CREATE, creates=True)
def attach(
    deployment: Deployment, *, token_id: str, role: str, actor: Actor
) -> DeploymentRoleBinding:
    """Give a token of the Organization or Workspace a role here, or another one than it has.

    Raises NotFound for a token that the actor may not see, ExceedsOwnRights.
    """
    token = attachable(deployment, actor).filter(pk=token_id).first()
    if token is None:
        raise NotFound("This API token does not exist, or you have no access to it.")
    return HOME.attach(deployment, token, role=role, actor=actor)  # type: ignore[no-any-return]


@action(Permission.DEPLOYMENT_API_TOKENS_DELETE)
def detach(held: DeploymentRoleBinding, *, actor: Actor) -> None:
    """Take away the role that a token of a wider scope has here. Raises Conflict at home."""
    HOME.detach(held)


def attachable(deployment: Deployment, actor: Actor) -> QuerySet[ApiToken]:
    """The tokens of the Organization and of the Workspace that the actor may see."""
    wider = workspace_tokens.attachable(deployment.workspace, actor)
    if not actor.can(Permission.WORKSPACE_API_TOKENS_GET, deployment.workspace):
        return wider
    own = Q(kind=ApiToken.Kind.WORKSPACE, scope_id=deployment.workspace_id, revoked_at=None)
    return wider | ApiToken.objects.filter(own)
