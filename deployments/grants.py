"""What the Deployments' table says about somebody's roles."""

from __future__ import annotations

from collections.abc import Iterator

from access.roles import Role
from access.scopes import Grant, Principal, Scope, ScopeKind
from accounts.grants import of_subject, rows
from accounts.models import Organization
from deployments.models import DeploymentRoleBinding


def deployment_grants(principal: Principal) -> Iterator[Grant]:
    """Each binding, and with it the Workspace's basics: who may use one Deployment sees where
    it lies."""
    columns = (
        "deployment_id", "role", "deployment__workspace_id",
        "deployment__workspace__organization__status",
    )  # fmt: skip
    for deployment_id, role, workspace_id, status in rows(
        DeploymentRoleBinding, principal, *columns
    ):
        if status == Organization.Status.ACTIVE:
            yield Grant(Scope(ScopeKind.DEPLOYMENT, deployment_id), Role(role))
            yield Grant(Scope(ScopeKind.WORKSPACE, workspace_id), Role.WORKSPACE_ACCESSOR)


def remove_deployment_grants(principal: Principal, organization_id: str) -> None:
    subject = of_subject(principal)
    if subject is not None:
        DeploymentRoleBinding.objects.filter(
            deployment__organization_id=organization_id, **subject
        ).delete()
