"""What can be asked about Organizations and people; each question takes the actor who asks."""

from __future__ import annotations

from django.db.models import QuerySet

from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization


def organizations(actor: Actor) -> QuerySet[Organization]:
    return Organization.objects.visible_to(actor, Permission.ORGANIZATION_GET)


def organization(actor: Actor, organization_id: str) -> Organization:
    """One of them. Raises NotFound for what is missing or hidden."""
    return Organization.objects.get_visible(actor, Permission.ORGANIZATION_GET, pk=organization_id)
