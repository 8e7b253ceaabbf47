"""What an operator may read of one Organization. Who shows it writes that down (`services`)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from access.actor import Actor
from access.roles import Role
from accounts.models import Organization, OrganizationRoleBinding
from deployments.models import Deploy, Deployment, Operation
from installation.queries import require_operator
from workspaces.models import Workspace

MOST = 200
"""Rows of a kind that one page shows."""
_LATEST = 20


@dataclass(frozen=True)
class Contents:
    """The first rows of each kind by name, and how many Deployments there are in all."""

    owners: QuerySet[OrganizationRoleBinding]
    workspaces: QuerySet[Workspace]
    deployments: QuerySet[Deployment]
    deployment_count: int


@dataclass(frozen=True)
class History:
    operations: QuerySet[Operation]
    deploys: QuerySet[Deploy]


def contents(actor: Actor, organization: Organization) -> Contents:
    """Owners, Workspaces and Deployments. Raises NotFound for who is no operator."""
    require_operator(actor)
    owners = organization.bindings.filter(role=Role.ORGANIZATION_OWNER).exclude(user=None)
    deployments = organization.deployments.present().select_related("workspace")
    return Contents(
        owners.select_related("user")[:MOST],
        organization.workspaces.order_by("name")[:MOST],
        deployments.order_by("name", "pk")[:MOST],
        deployments.count(),
    )


def history(actor: Actor, deployment: Deployment) -> History:
    """What was done to it lately. Raises NotFound for who is no operator."""
    require_operator(actor)
    return History(deployment.operations.all()[:_LATEST], deployment.deploys.all()[:_LATEST])
