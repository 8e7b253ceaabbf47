"""What the Deployments' table says about somebody's roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from access.grants import columns
from access.roles import Role
from access.scopes import Principal, ScopeKind
from accounts.grants import lent_to, of_subject, usable
from deployments.models import DeploymentRoleBinding


def deployment_rows(principal: Principal) -> Iterator[QuerySet[Any, Any]]:
    """The bindings on Deployments whose Organization can be used."""
    for lent in _lent(principal):
        yield columns(lent, ScopeKind.DEPLOYMENT, "deployment_id")


def home_rows(principal: Principal) -> Iterator[QuerySet[Any, Any]]:
    """With each of them the Workspace's basics: who may use one Deployment sees where it lies."""
    for lent in _lent(principal):
        yield columns(
            lent, ScopeKind.WORKSPACE, "deployment__workspace_id", Role.WORKSPACE_ACCESSOR
        )


def _lent(principal: Principal) -> list[QuerySet[DeploymentRoleBinding]]:
    home = "deployment__workspace__organization"
    return lent_to(DeploymentRoleBinding.objects.filter(*usable(home)), principal)


def remove_deployment_grants(principal: Principal, organization_id: str) -> None:
    subject = of_subject(principal)
    if subject is not None:
        DeploymentRoleBinding.objects.filter(
            deployment__organization_id=organization_id, **subject
        ).delete()
