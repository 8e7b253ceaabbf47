"""What can be asked about Organizations and people; each question takes the actor who asks."""

from __future__ import annotations

from django.db.models import QuerySet

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import Invitation, Organization, OrganizationRoleBinding
from web.errors import NotFound


def organizations(actor: Actor) -> QuerySet[Organization]:
    return Organization.objects.visible_to(actor, Permission.ORGANIZATION_GET)


def organization(actor: Actor, organization_id: str) -> Organization:
    """One of them. Raises NotFound for what is missing or hidden."""
    return Organization.objects.get_visible(actor, Permission.ORGANIZATION_GET, pk=organization_id)


def members(actor: Actor, organization: Organization) -> QuerySet[OrganizationRoleBinding]:
    """The people of an Organization with their roles. Raises PermissionDenied."""
    require(actor, Permission.ORGANIZATION_USERS_GET, organization)
    return OrganizationRoleBinding.objects.filter(
        organization=organization, user__isnull=False
    ).select_related("user", "organization", "custom_role")


def member(actor: Actor, organization: Organization, user_id: str) -> OrganizationRoleBinding:
    """One of them. Raises NotFound for people of other Organizations too."""
    found = members(actor, organization).filter(user_id=user_id).first()
    if found is None:
        raise NotFound("This person is not a member of the Organization.")
    return found


def invitations(actor: Actor, organization: Organization) -> QuerySet[Invitation]:
    """Those that can still be accepted, or were never. Raises PermissionDenied."""
    require(actor, Permission.ORGANIZATION_INVITES_GET, organization)
    return Invitation.objects.filter(
        organization=organization, accepted_at=None, revoked_at=None
    ).select_related("invited_by", "organization")


def invitation(actor: Actor, organization: Organization, invitation_id: str) -> Invitation:
    """One of them. Raises NotFound for what was accepted, revoked or is another's."""
    found = invitations(actor, organization).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound("This invitation was accepted or revoked, or never existed.")
    return found
