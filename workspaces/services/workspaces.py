"""Workspaces themselves: made, changed, deleted when empty."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import Role
from access.scopes import PrincipalKind, ScopeKind
from accounts.models import Organization
from accounts.services import tokens
from web import stale
from web.errors import Conflict, InvalidInput, check_text
from workspaces.models import Workspace, WorkspaceRoleBinding


@action(Permission.ORGANIZATION_WORKSPACES_CREATE, creates=True)
def create(
    organization: Organization,
    *,
    name: str,
    description: str = "",
    enforces_ci_cd: bool = False,
    actor: Actor,
) -> Workspace:
    """Make a Workspace; a person who makes it becomes its Owner.

    Raises Conflict when the name is taken, InvalidInput when a text is too long.
    """
    workspace = Workspace(
        organization=organization,
        name=name,
        description=description,
        enforces_ci_cd=enforces_ci_cd,
    )
    if actor.principal.kind is PrincipalKind.USER:
        workspace.created_by_id = actor.principal.id
    _save(workspace)
    if workspace.created_by_id:
        WorkspaceRoleBinding.objects.create(
            workspace=workspace, user_id=workspace.created_by_id, role=Role.WORKSPACE_OWNER
        )
    return workspace


@action(Permission.WORKSPACE_UPDATE)
def update(
    workspace: Workspace,
    *,
    name: str,
    description: str,
    enforces_ci_cd: bool,
    seen: str = "",
    actor: Actor,
) -> Workspace:
    """Change the settings.

    Raises as `create`, and Conflict where it would undo what somebody saved since `seen`.
    """
    wanted = {"name": name, "description": description, "enforces_ci_cd": enforces_ci_cd}
    stale.refuse_overwriting(workspace, seen=seen, wanted=wanted)
    for field, value in wanted.items():
        setattr(workspace, field, value)
    _save(workspace)
    return workspace


@action(Permission.WORKSPACE_DELETE)
def delete(workspace: Workspace, *, typed_name: str, actor: Actor) -> None:
    """Delete an empty Workspace and its API tokens. Raises Conflict while Deployments are in it."""
    if typed_name != workspace.name:
        raise InvalidInput(
            "The name you typed is not the name of this Workspace.",
            remedy=f"Type {workspace.name} exactly.",
            fields={"confirmation": f"Type {workspace.name}"},
        )
    if workspace.deployments.exists():
        raise Conflict(
            "This Workspace still has Deployments, or deleted ones that are retained.",
            remedy="Delete or move its Deployments first.",
        )
    tokens.revoke_all(ScopeKind.WORKSPACE, workspace.pk)
    workspace.delete()


def _save(workspace: Workspace) -> None:
    check_text("name", workspace.name, least=1, most=50)
    check_text("description", workspace.description, most=1000)
    try:
        with transaction.atomic():
            workspace.save()
    except IntegrityError:
        raise Conflict(
            f"A Workspace named {workspace.name} exists already.",
            remedy="Choose another name.",
            fields={"name": "This name is taken"},
        ) from None
