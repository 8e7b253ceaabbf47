"""API tokens of one Workspace, and those of the Organization that were attached to it."""

from __future__ import annotations

from typing import Unpack

from django.db.models import QuerySet

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.scopes import ScopeKind
from accounts.models import ApiToken
from accounts.services.token_homes import Change, Home, Wanted
from accounts.services.token_rules import shown
from web.errors import NotFound
from workspaces.models import Workspace, WorkspaceRoleBinding

HOME: Home[Workspace] = Home(
    ScopeKind.WORKSPACE,
    WorkspaceRoleBinding,
    organization=lambda workspace: workspace.organization,
    claims=lambda workspace: (
        f"workspaceId:{workspace.pk}",
        f"organizationId:{workspace.organization_id}",
    ),
)


@action(Permission.WORKSPACE_API_TOKENS_CREATE, creates=True)
def create_token(
    workspace: Workspace, *, role: str, actor: Actor, **wanted: Unpack[Wanted]
) -> ApiToken:
    """Make a token with one role in the Workspace; `value` on the answer is shown once.

    Raises InvalidInput for a lifetime that is not allowed, a role of another scope and networks
    that are none; ExceedsOwnRights for a role above the actor's own.
    """
    return HOME.create(workspace, role, actor, **wanted)


@action(Permission.WORKSPACE_API_TOKENS_UPDATE, also=shown)
def update_token(held: WorkspaceRoleBinding, *, actor: Actor, **change: Unpack[Change]) -> ApiToken:
    """Change a token of the Workspace. Raises as `create_token`, and StaleToken."""
    return HOME.update(held, actor, **change)


@action(Permission.WORKSPACE_API_TOKENS_ROTATE, also=shown)
def rotate_token(held: WorkspaceRoleBinding, *, loaded: str = "", actor: Actor) -> ApiToken:
    """Give it a new value; the old one is void at once. Raises StaleToken, ExceedsOwnRights."""
    return HOME.rotate(held, actor, loaded=loaded)


@action(Permission.WORKSPACE_API_TOKENS_DELETE, also=shown)
def delete_token(held: WorkspaceRoleBinding, *, typed_name: str, actor: Actor) -> ApiToken:
    """Make it void for good, wherever it was attached. Raises InvalidInput without its name."""
    return HOME.delete(held, typed_name=typed_name)


@action(Permission.WORKSPACE_API_TOKENS_CREATE, creates=True)
def attach_token(
    workspace: Workspace, *, token_id: str, role: str, actor: Actor
) -> WorkspaceRoleBinding:
    """Give a token of the Organization a role here.

    Raises NotFound for a token that the actor may not see, ExceedsOwnRights, and Conflict where it
    has another role here.
    """
    token = attachable(workspace, actor).filter(pk=token_id).first()
    if token is None:
        raise NotFound("This API token does not exist, or you have no access to it.")
    return HOME.attach(workspace, token, role=role, actor=actor)  # type: ignore[no-any-return]


@action(Permission.WORKSPACE_API_TOKENS_DELETE)
def detach_token(held: WorkspaceRoleBinding, *, actor: Actor) -> None:
    """Take away the role that a token of the Organization has here. Raises Conflict at home."""
    HOME.detach(held)


def attachable(workspace: Workspace, actor: Actor) -> QuerySet[ApiToken]:
    """The tokens of the Organization that the actor may see."""
    shown_ones = ApiToken.objects.visible_to(actor, Permission.ORGANIZATION_API_TOKENS_GET)
    return shown_ones.filter(
        kind=ApiToken.Kind.ORGANIZATION, scope_id=workspace.organization_id, revoked_at=None
    )
