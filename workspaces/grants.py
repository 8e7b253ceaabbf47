"""What the Workspaces' table says about somebody's roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from access.grants import columns
from access.roles import WORKSPACE_ROLES
from access.scopes import Principal, ScopeKind
from accounts.grants import lent_to, of_subject, usable
from accounts.models import Invitation, User
from workspaces.models import Workspace, WorkspaceRoleBinding


def workspace_rows(principal: Principal) -> Iterator[QuerySet[Any, Any]]:
    """The bindings in Workspaces whose Organization can be used."""
    found = WorkspaceRoleBinding.objects.filter(*usable("workspace__organization"))
    for lent in lent_to(found, principal):
        yield columns(lent, ScopeKind.WORKSPACE, "workspace_id")


def remove_workspace_grants(principal: Principal, organization_id: str) -> None:
    subject = of_subject(principal)
    if subject is not None:
        WorkspaceRoleBinding.objects.filter(
            workspace__organization_id=organization_id, **subject
        ).delete()


def grant_invited_roles(invitation: Invitation, user: User) -> None:
    """Give the Workspace roles of an accepted invitation; a Workspace that is gone is left out."""
    there = Workspace.objects.filter(
        organization_id=invitation.organization_id, pk__in=invitation.workspace_roles
    )
    for workspace in there:
        role = invitation.workspace_roles[workspace.pk]
        if role in WORKSPACE_ROLES:
            WorkspaceRoleBinding.objects.get_or_create(
                workspace=workspace, user=user, defaults={"role": role}
            )
