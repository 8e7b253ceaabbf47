"""What the home of an Organization says about its Deployments."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization
from deployments import queries
from deployments.lifecycle import Status
from deployments.models import Deployment, Operation

_SHOWN = 10
_OF_OPERATION = (
    "kind", "status", "started_at", "started_by_label", "deployment__name", "deploy__number",
)  # fmt: skip
_OF_TROUBLED = ("name", "status", "status_reason", "updated_at", "workspace__name")
"""The columns that the page shows: reading and building all of them costs several times more."""
_ORDER = (
    Status.UNHEALTHY, Status.UNKNOWN, Status.CREATING, Status.DEPLOYING, Status.HEALTHY,
    Status.HIBERNATING, Status.DELETING,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Health:
    """How many Deployments stand in a status."""

    status: Status
    count: int


def health(actor: Actor, organization: Organization) -> list[Health]:
    """Counts by status of what the actor may see, those that need somebody first."""
    rows = _visible(actor, organization).order_by().values_list("status")
    counts = dict(rows.annotate(Count("pk")))
    return [Health(status, counts[status]) for status in _ORDER if counts.get(status)]


def needing_attention(actor: Actor, organization: Organization) -> list[Deployment]:
    """Deployments that are unhealthy or out of sight, the latest change first."""
    troubled = (Status.UNHEALTHY, Status.UNKNOWN)
    found = _visible(actor, organization).filter(status__in=troubled).order_by("-updated_at")
    # Not with all that lists show: joining the deploys would read every one of them
    slim = found.select_related(None).select_related("workspace").only(*_OF_TROUBLED)
    return list(slim[:_SHOWN])


def recent_operations(actor: Actor, organization: Organization) -> list[Operation]:
    """What was done lately to Deployments that the actor may see, newest first."""
    visible = Operation.objects.visible_to(actor, Permission.DEPLOYMENT_GET)
    found = visible.filter(organization=organization).select_related("deployment", "deploy")
    return list(found.only(*_OF_OPERATION)[:_SHOWN])


def _visible(actor: Actor, organization: Organization) -> QuerySet[Deployment]:
    return queries.deployments(actor).filter(organization=organization)
