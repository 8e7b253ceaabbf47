"""What pages ask about provisioning: who is here without the identity provider, and who waits."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import Organization, OrganizationRoleBinding, ProvisionedUser, User
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


def is_shut_out(organization_id: str, addresses: Collection[str], user: User | None) -> bool:
    """Whether the identity provider switched somebody off, so that no other way lets them in:
    by an address of theirs, or by the account that it means."""
    rows = said_of(organization_id, addresses, user).filter(organization__is_scim_on=True)
    states = list(rows.values_list("is_active", flat=True))
    return bool(states) and not any(states)


def hold(organization_id: str, addresses: Collection[str], user: User | None) -> None:
    """Keep the identity provider's word of somebody as it is until the transaction ends; a change
    of it that is under way is waited for."""
    rows = said_of(organization_id, addresses, user).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def said_of(
    organization_id: str, addresses: Collection[str], user: User | None
) -> QuerySet[ProvisionedUser]:
    """What the identity provider of an Organization says of somebody."""
    is_meant = Q(email__in=addresses)
    if user is not None:
        is_meant |= Q(user=user)
    return ProvisionedUser.objects.filter(is_meant, organization_id=organization_id)
