"""What can be asked about the roles of an Organization."""

from __future__ import annotations

from django.db.models import QuerySet

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import CustomRole, Organization
from web.errors import NotFound


def custom_roles(actor: Actor, organization: Organization) -> QuerySet[CustomRole]:
    """Those that the Organization made. Raises PermissionDenied."""
    require(actor, Permission.ORGANIZATION_CUSTOM_ROLES_GET, organization)
    return CustomRole.objects.filter(organization=organization).select_related("organization")


def custom_role(actor: Actor, organization: Organization, role_id: str) -> CustomRole:
    """One of them. Raises NotFound for another Organization's too."""
    found = custom_roles(actor, organization).filter(pk=role_id).first()
    if found is None:
        raise NotFound("This role was deleted, or never existed.", remedy="Look at the list.")
    return found
