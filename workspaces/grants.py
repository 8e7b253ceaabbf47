"""What the Workspaces' table says about somebody's roles."""

from __future__ import annotations

from collections.abc import Iterator

from access.roles import Role
from access.scopes import Grant, Principal, Scope, ScopeKind
from accounts.grants import rows
from accounts.models import Organization
from workspaces.models import WorkspaceRoleBinding


def workspace_grants(principal: Principal) -> Iterator[Grant]:
    columns = ("workspace_id", "role", "workspace__organization__status")
    for workspace_id, role, status in rows(WorkspaceRoleBinding, principal, *columns):
        if status == Organization.Status.ACTIVE:
            yield Grant(Scope(ScopeKind.WORKSPACE, workspace_id), Role(role))
