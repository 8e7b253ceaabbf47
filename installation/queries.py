"""What operators can ask about the whole installation: figures and work, no tenant's content."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from access.actions import registry
from access.actor import Actor
from access.permissions import Permission
from access.scopes import INSTALLATION
from accounts.models import Installation, Organization, OrganizationRoleBinding, User
from audit.models import AuditRecord
from audit.queries import of_organization
from deployments.models import Deployment, Operation, Wish
from installation.services import READ
from web.errors import NotFound


def is_operator(actor: Actor) -> bool:
    return actor.can(Permission.INSTALLATION_GET, Installation())


def require_operator(actor: Actor) -> None:
    """Raise NotFound for everybody else: to them there is no such page."""
    if not is_operator(actor):
        raise NotFound("There is no such page.", remedy="Check the address.")


def operators(actor: Actor) -> QuerySet[User]:
    require_operator(actor)
    return User.objects.filter(is_operator=True)


def organizations(actor: Actor) -> QuerySet[Organization]:
    """All of them, with how many people and Deployments each has; nothing of their content."""
    require_operator(actor)
    deployments = Deployment.objects.present()
    return Organization.objects.annotate(
        member_count=_counted(OrganizationRoleBinding.objects.exclude(user=None)),
        deployment_count=_counted(deployments),
        awake_count=_counted(deployments.filter(wish=Wish.RUNNING)),
    )


def organization(actor: Actor, organization_id: str) -> Organization:
    """One of them. Raises NotFound."""
    found = organizations(actor).filter(pk=organization_id).first()
    if found is None:
        raise NotFound("There is no such Organization.", remedy="Look for it in the list.")
    return found


def deployment(actor: Actor, deployment_id: str) -> Deployment:
    """One of any Organization. Raises NotFound. Who shows it writes that down (`services`)."""
    require_operator(actor)
    present = Deployment.objects.present().select_related("organization", "workspace", "cluster")
    found = present.filter(pk=deployment_id).first()
    if found is None:
        raise NotFound("There is no such Deployment.", remedy="Look for it in its Organization.")
    return found


def _counted(rows: QuerySet[Any]) -> Coalesce:
    """How many of them belong to each Organization, as a subquery of its own."""
    own = rows.filter(organization=OuterRef("pk")).order_by().values("organization")
    return Coalesce(Subquery(own.annotate(total=Count("pk")).values("total")), 0)


def running_operations(actor: Actor) -> QuerySet[Operation]:
    """Of all tenants, those that are stuck first, then the oldest."""
    require_operator(actor)
    return (
        Operation.objects.filter(status=Operation.Status.RUNNING)
        .select_related("deployment", "deployment__organization", "deployment__workspace")
        .order_by("deadline", "pk")
    )


def stuck() -> Q:
    """Operations that ought to have ended, or on which a worker that is gone held the lease."""
    now = timezone.now()
    return Q(deadline__lt=now) | Q(deployment__is_settled=False, deployment__lease_until__lt=now)


def log(actor: Actor) -> QuerySet[AuditRecord]:
    """The installation's own rows: what was set for it, and what operators did to tenants."""
    require_operator(actor)
    return of_organization(INSTALLATION.id)


def operator_actions() -> list[str]:
    """Names of what only operators can do."""
    own = (each.name for each in registry.values() if each.permission.startswith("installation."))
    return sorted({READ, *own})
