"""Teams of an Organization: made, renamed, filled and deleted.

Who is in a Team has all its roles. So nobody puts people into one, nor takes over its roles, who
does not hold as much themself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from access import scopes
from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require_within
from access.roles import AnyRole, Role
from access.scopes import PrincipalKind
from accounts import holdings
from accounts.models import (
    Organization,
    OrganizationRoleBinding,
    Team,
    TeamMembership,
    User,
)
from accounts.services import granting
from audit.record import record, snapshot
from web.errors import Conflict, InvalidInput, check_text

MOST_AT_ONCE = 1_000


@action(Permission.ORGANIZATION_TEAMS_CREATE, creates=True)
def create_team(
    organization: Organization,
    *,
    name: str,
    description: str = "",
    role: AnyRole = Role.ORGANIZATION_MEMBER,
    emails: Iterable[str] = (),
    actor: Actor,
) -> Team:
    """Make a Team with a role in the Organization and its first people.

    Raises InvalidInput for an address of nobody in the Organization, Conflict for a name that
    another Team has and while SCIM is on, ExceedsOwnRights for a role above the actor's own.
    """
    _check_made_here(organization)
    _check(name, description)
    is_person = actor.principal.kind is PrincipalKind.USER
    made = Team(organization=organization, name=name.strip(), description=description.strip())
    made.created_by_id = actor.principal.id if is_person else None
    _save(made)
    binding = OrganizationRoleBinding(organization=organization, team=made)
    granting.give(binding, role, subject=organization, field="role", actor=actor)
    record(actor, "accounts.give_team_role", binding, after=snapshot(binding))
    for member in _enter(made, emails):
        record(actor, "accounts.add_team_member", member, after=snapshot(member))
    granting.announce_team(made)
    return made


@action(Permission.ORGANIZATION_TEAMS_UPDATE)
def update_team(
    team: Team, *, name: str, description: str, seen: str | None = None, actor: Actor
) -> Team:
    """Change what people read of it. `seen` is its `version` when the form was made.

    Raises Conflict when it was changed since, for a name that another Team has, and for another
    name of a Team that the identity provider keeps.
    """
    if name.strip() != team.name:
        check_kept_here(team)
    if seen is not None and seen != team.version:
        raise Conflict(
            f"Somebody changed this Team meanwhile. It reads “{team.name}” and "
            f"“{team.description}” by now.",
            remedy="Send it again to put yours in its place.",
        )
    _check(name, description)
    team.name, team.description = name.strip(), description.strip()
    _save(team)
    return team


@action(Permission.ORGANIZATION_TEAMS_UPDATE)
def change_team_role(
    binding: OrganizationRoleBinding,
    *,
    role: AnyRole,
    until: datetime | None = None,
    seen: str | None = None,
    actor: Actor,
) -> OrganizationRoleBinding:
    """Give a Team another role in the Organization, as `granting.write` does."""
    place = binding.organization
    return granting.change(binding, role, subject=place, until=until, seen=seen, actor=actor)


@action(Permission.ORGANIZATION_TEAMS_UPDATE, creates=True)
def give_team_role(
    team: Team, *, role: AnyRole, until: datetime | None = None, actor: Actor
) -> OrganizationRoleBinding:
    """Give a Team a role in the Organization that has none. Raises Conflict otherwise."""
    place = team.organization
    made = OrganizationRoleBinding(organization=place, team=team)
    return granting.give(made, role, subject=place, until=until, field="role", actor=actor)


@action(Permission.ORGANIZATION_TEAMS_UPDATE, creates=True)
def add_team_member(team: Team, *, email: str, actor: Actor) -> TeamMembership:
    """Put somebody of the Organization into a Team; who is in it already stays so.

    Raises InvalidInput for an address of nobody in the Organization, Conflict for a Team that the
    identity provider fills and for any while SCIM is on, ExceedsOwnRights where one of its roles
    is above the actor's own.
    """
    check_kept_here(team)
    _check_made_here(team.organization)
    require_within_roles(team, actor)
    (made,) = _enter(team, [email])
    scopes.announce_on_commit(made.user.principal)
    return made


def add_team_members(team: Team, *, emails: Iterable[str], actor: Actor) -> list[TeamMembership]:
    """Several at once, or none where one of them cannot be added."""
    found = [each.strip().lower() for each in emails if each.strip()]
    _check_people(team.organization, found)
    with transaction.atomic():
        return [add_team_member(team, email=email, actor=actor) for email in found]


@action(Permission.ORGANIZATION_TEAMS_UPDATE)
def remove_team_member(member: TeamMembership, *, actor: Actor) -> None:
    """Take somebody out of a Team. Raises Conflict for one that the identity provider fills."""
    check_kept_here(member.team)
    if member.is_by_rule:
        raise Conflict(
            "A group rule put this person into the Team.",
            remedy="Change the rule, or the person's groups at the identity provider.",
        )
    scopes.announce_on_commit(member.user.principal)
    member.delete()


@action(Permission.ORGANIZATION_TEAMS_DELETE)
def delete_team(team: Team, *, typed_name: str, actor: Actor) -> None:
    """Delete a Team after its name was typed; every role that it gave ends.

    Raises InvalidInput for another name, Conflict for one that the identity provider keeps.
    """
    if typed_name.strip() != team.name:
        raise InvalidInput("Not the same name.", fields={"confirmation": f"Type {team.name}"})
    check_kept_here(team)
    take_down(team, actor=actor)


def take_down(team: Team, *, actor: Actor) -> None:
    """Delete it in the caller's own action, and write down each role that ends with it."""
    granting.announce_team(team)
    for each in holdings.of_team(team):
        row = holdings.auditable(each.binding)
        record(actor, "accounts.end_grant", row, before=snapshot(each.binding))
    team.delete()


def _check(name: str, description: str) -> None:
    check_text("name", name, least=1, most=100)
    check_text("description", description, most=500)


def _save(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        raise Conflict(
            "Another Team has this name.", fields={"name": "Another Team has this name"}
        ) from None


def check_kept_here(team: Team) -> None:
    """Raise Conflict for a Team whose name and people the identity provider says."""
    if team.is_idp_managed:
        raise Conflict(
            "The identity provider says who is in this Team, and what it is called.",
            remedy="Change its group there.",
        )


def _check_made_here(organization: Organization) -> None:
    if organization.is_scim_on:
        raise Conflict(
            "While SCIM is on, the identity provider makes Teams and puts people into them.",
            remedy="Make a group there and push it, or switch SCIM off in the settings.",
        )


def require_within_roles(team: Team, actor: Actor) -> None:
    """Raise ExceedsOwnRights where the Team has a role above the actor's own."""
    for each in holdings.of_team(team):
        require_within(actor, each.binding.held_role, each.scoped)


def _enter(team: Team, emails: Iterable[str]) -> list[TeamMembership]:
    """Who is taken out of the Organization at this moment is refused, or taken out after it."""
    wanted = [each.strip().lower() for each in emails]
    people = _check_people(team.organization, wanted, is_locking=True)
    return [_by_hand(team, each) for each in people]


def _by_hand(team: Team, user: User) -> TeamMembership:
    """From now on no rule takes them out."""
    return TeamMembership.objects.update_or_create(
        team=team, user=user, defaults={"is_by_rule": False}
    )[0]


def _check_people(
    organization: Organization, emails: list[str], *, is_locking: bool = False
) -> list[User]:
    """The members of the Organization with these addresses. Raises InvalidInput, naming others."""
    if len(emails) > MOST_AT_ONCE:
        words = f"At most {MOST_AT_ONCE:,} addresses at once"
        raise InvalidInput(f"{words}.", fields={"emails": words})
    rows = OrganizationRoleBinding.objects.filter(
        organization=organization, user__email__in=emails
    ).select_related("user")
    if is_locking:
        rows = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = {row.user.email: row.user for row in rows if row.user is not None}
    strangers = [email for email in dict.fromkeys(emails) if email not in found]
    if strangers:
        words = f"Not in {organization}: {', '.join(strangers[:5])}"
        raise InvalidInput(f"{words}.", remedy="Invite them first.", fields={"emails": words})
    return [found[email] for email in dict.fromkeys(emails)]
