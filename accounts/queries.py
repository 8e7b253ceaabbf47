"""What can be asked about Organizations and people; each question takes the actor who asks."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import (
    Invitation,
    Organization,
    OrganizationRoleBinding,
    Team,
    TeamMembership,
)
from web.errors import InvalidInput, NotFound
from web.prepared import Prepared

_by_id = Prepared(lambda pk: Organization.objects.filter(pk=pk).order_by())


def organizations(actor: Actor) -> QuerySet[Organization]:
    return Organization.objects.visible_to(actor, Permission.ORGANIZATION_GET)


def organization(actor: Actor, organization_id: str) -> Organization:
    """One of them. Raises NotFound for what is missing or hidden."""
    row = _by_id.first(organization_id)
    return Organization.objects.shown(row, actor, Permission.ORGANIZATION_GET, pk=organization_id)


def members(actor: Actor, organization: Organization) -> QuerySet[OrganizationRoleBinding]:
    """The people of an Organization with their roles. Raises PermissionDenied."""
    require(actor, Permission.ORGANIZATION_USERS_GET, organization)
    return OrganizationRoleBinding.objects.filter(
        organization=organization,
        user__email__isnull=False,  # of the person: an inner join, so that their index is of use
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


def teams(actor: Actor, organization: Organization) -> QuerySet[Team]:
    """The Teams of an Organization. Raises PermissionDenied."""
    require(actor, Permission.ORGANIZATION_TEAMS_GET, organization)
    return Team.objects.filter(organization=organization).select_related("organization")


def listed_teams(actor: Actor, organization: Organization) -> QuerySet[Team]:
    """The same, with how many people each has."""
    members = TeamMembership.objects.filter(team=OuterRef("pk")).order_by()
    counted = members.values("team").annotate(total=Count("pk")).values("total")
    return teams(actor, organization).annotate(member_count=Coalesce(Subquery(counted), 0))


def organization_roles(teams: Iterable[Team]) -> dict[str, OrganizationRoleBinding]:
    """What each of these Teams holds in its Organization, by its id. One query."""
    rows = OrganizationRoleBinding.objects.filter(team__in=list(teams))
    found = rows.select_related("custom_role", "organization", "team")
    return {str(row.team_id): row for row in found}


def team(actor: Actor, organization: Organization, team_id: str) -> Team:
    """One of them. Raises NotFound for those of other Organizations too."""
    found = teams(actor, organization).filter(pk=team_id).first()
    if found is None:
        raise NotFound("This Team was deleted, or never existed.")
    return found


def team_named(organization: Organization, name: str) -> Team:
    """The Team that a form names, in any letter case. Raises InvalidInput, at `team`."""
    found = Team.objects.filter(organization=organization, name__iexact=name.strip()).first()
    if found is None:
        words = f"{organization} has no Team of this name"
        raise InvalidInput(f"{words}.", fields={"team": words})
    return found


def team_members(actor: Actor, team: Team) -> QuerySet[TeamMembership]:
    """Who is in a Team. Raises PermissionDenied."""
    require(actor, Permission.ORGANIZATION_TEAMS_GET, team)
    return TeamMembership.objects.filter(team=team).select_related("user", "team")


def team_names(actor: Actor, organization: Organization, *, most: int = 1_000) -> list[str]:
    """What a form suggests; nothing to those who may not list the Teams."""
    if not actor.can(Permission.ORGANIZATION_TEAMS_GET, organization):
        return []
    names = Team.objects.filter(organization=organization).order_by(Lower("name"))
    return list(names.values_list("name", flat=True)[:most])
