"""What pages ask about provisioning: who is here without the identity provider, and who waits."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import Organization, OrganizationRoleBinding, ProvisionedUser
from accounts.queries import members


def unknown_to_provider(
    actor: Actor, organization: Organization
) -> QuerySet[OrganizationRoleBinding]:
    """Members whom the identity provider does not keep as active. Raises PermissionDenied."""
    kept = ProvisionedUser.objects.filter(
        organization=organization, user=OuterRef("user"), is_active=True
    )
    return members(actor, organization).filter(~Exists(kept))


def waiting(actor: Actor, organization: Organization) -> QuerySet[ProvisionedUser]:
    """Active people of the provider who have no account here. Raises PermissionDenied."""
    require(actor, Permission.ORGANIZATION_SCIM_UPDATE, organization)
    rows = ProvisionedUser.objects.filter(organization=organization, is_active=True, user=None)
    return rows.order_by("user_name_key")


def is_shut_out(organization_id: str, email: str) -> bool:
    """Whether the identity provider switched somebody off, so that no other way lets them in."""
    if not email:
        return False
    rows = ProvisionedUser.objects.filter(
        organization_id=organization_id,
        email=email.strip().lower(),
        organization__is_scim_on=True,
    )
    states = list(rows.values_list("is_active", flat=True))
    return bool(states) and not any(states)
