"""What operators can ask about the whole installation: figures and work, no tenant's content."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from access.actions import registry
from access.actor import Actor
from access.permissions import Permission
from access.scopes import INSTALLATION
from accounts.models import Installation, User
from audit.models import AuditRecord
from deployments.models import Operation
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
    """The installation's own rows, and what operators did to tenants."""
    require_operator(actor)
    return AuditRecord.objects.filter(
        Q(organization_id=INSTALLATION.id) | Q(action__in=operator_actions())
    )


def operator_actions() -> list[str]:
    """Names of what only operators can do."""
    return sorted(
        {each.name for each in registry.values() if each.permission.startswith("installation.")}
    )
