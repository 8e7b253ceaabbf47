"""What can be asked about Deployments; each question takes the actor who asks."""

from __future__ import annotations

from django.db.models import QuerySet

from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization
from deployments.models import Cluster, Deployment, Operation


def deployments(actor: Actor) -> QuerySet[Deployment]:
    """All that the actor may see, with what lists show of them."""
    visible = Deployment.objects.present().visible_to(actor, Permission.DEPLOYMENT_GET)
    return visible.select_related("workspace", "cluster", "current_deploy")


def deployment(actor: Actor, deployment_id: str) -> Deployment:
    """One of them. Raises NotFound for what is missing or hidden."""
    return (
        Deployment.objects.present()
        .select_related("workspace", "organization", "cluster", "current_deploy")
        .get_visible(actor, Permission.DEPLOYMENT_GET, pk=deployment_id)
    )


def operations(actor: Actor, of: Deployment) -> QuerySet[Operation]:
    """Its operations, newest first."""
    visible = Operation.objects.visible_to(actor, Permission.DEPLOYMENT_GET)
    return visible.filter(deployment=of).prefetch_related("steps")


def own_operations(actor: Actor) -> QuerySet[Operation]:
    """What this person started, newest first: the operations tray."""
    return Operation.objects.filter(
        started_by_kind=actor.principal.kind, started_by_id=actor.principal.id
    ).select_related("deployment")


def clusters(organization: Organization) -> QuerySet[Cluster]:
    """The clusters on which an Organization may create Deployments."""
    return Cluster.objects.filter(organization=None) | Cluster.objects.filter(
        organization=organization
    )
