"""What the Deployments' table says about somebody's roles."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from access.grants import columns
from access.roles import Role
from access.scopes import Principal, ScopeKind
from accounts.grants import of_subject
from accounts.models import Organization
from deployments.models import DeploymentRoleBinding


def deployment_rows(principal: Principal) -> QuerySet[Any, Any] | None:
    """The bindings on Deployments whose Organization is not suspended."""
    return _shown(principal, ScopeKind.DEPLOYMENT, "deployment_id", "role")


def home_rows(principal: Principal) -> QuerySet[Any, Any] | None:
    """With each of them the Workspace's basics: who may use one Deployment sees where it lies."""
    where = "deployment__workspace_id"
    return _shown(principal, ScopeKind.WORKSPACE, where, Role.WORKSPACE_ACCESSOR)


def _shown(
    principal: Principal, kind: ScopeKind, scope_id: str, role: str | Role
) -> QuerySet[Any, Any] | None:
    subject = of_subject(principal)
    if subject is None:
        return None
    found = DeploymentRoleBinding.objects.filter(
        deployment__workspace__organization__status=Organization.Status.ACTIVE, **subject
    )
    return columns(found, kind, scope_id, role)


def remove_deployment_grants(principal: Principal, organization_id: str) -> None:
    subject = of_subject(principal)
    if subject is not None:
        DeploymentRoleBinding.objects.filter(
            deployment__organization_id=organization_id, **subject
        ).delete()
