"""Provisioned groups: Teams that an identity provider names and fills; their roles are ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.db import IntegrityError

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.scopes import announce_all_on_commit
from accounts.group_rules import applying as group_rules
from accounts.models import (
    Organization,
    OrganizationRoleBinding,
    ProvisionedGroup,
    ProvisionedMembership,
    ProvisionedUser,
    Team,
    TeamMembership,
    User,
)
from accounts.services import teams
from accounts.services.provisioning.errors import UnknownMember, taken
from accounts.services.provisioning.wanted import WantedGroup
from audit.record import record as write

Change = Callable[[ProvisionedGroup], WantedGroup]
"""From a group as it is, locked, to how it shall be; may refuse."""
_AT_ONCE = 5_000
_NAMED = 200
"""People whom one row of the audit log names."""


def create(organization: Organization, *, wanted: WantedGroup, actor: Actor) -> ProvisionedGroup:
    """Make a Team that only the provider fills; it has no role until somebody gives it one.

    Raises Taken for a name or externalId of another, UnknownMember.
    """
    try:
        return provision_group(organization, wanted=wanted, actor=actor)
    except IntegrityError as error:
        raise taken(error) or error from None


def change(group: ProvisionedGroup, *, change: Change, actor: Actor) -> ProvisionedGroup:
    """Rename and fill it as `change` says. Raises as `create`, and what `change` raises."""
    try:
        return change_provisioned_group(group, change=change, actor=actor)
    except IntegrityError as error:
        raise taken(error) or error from None


@action(Permission.ORGANIZATION_SCIM_UPDATE, creates=True)
def provision_group(
    organization: Organization, *, wanted: WantedGroup, actor: Actor
) -> ProvisionedGroup:
    team = Team(organization=organization, name=wanted.name, is_idp_managed=True)
    team.save(force_insert=True)
    made = ProvisionedGroup(team=team, organization=organization, external_id=wanted.external_id)
    made.save(force_insert=True)
    _fill(made, wanted.member_ids, frozenset(), actor)
    return made


@action(Permission.ORGANIZATION_SCIM_UPDATE)
def change_provisioned_group(
    group: ProvisionedGroup, *, change: Change, actor: Actor
) -> ProvisionedGroup:
    before = member_ids(group)
    wanted = change(group)
    is_other = _describe(group, wanted, actor)
    if wanted.member_ids != before:
        _fill(group, wanted.member_ids - before, before - wanted.member_ids, actor)
        is_other = True
    if is_other:
        group.version += 1
        group.save()
    return group


@action(Permission.ORGANIZATION_SCIM_UPDATE)
def remove_provisioned_group(
    group: ProvisionedGroup, *, check: Callable[[ProvisionedGroup], object], actor: Actor
) -> None:
    """Delete the Team, and with it every role that it gave. `check` may refuse."""
    check(group)
    team, organization, inside = group.team, group.organization, _inside(group.team)
    group.pk = None
    teams.take_down(team, actor=actor)
    group_rules.bring_up_to_date(organization, inside, actor=actor)


def member_ids(group: ProvisionedGroup) -> frozenset[str]:
    """Who is in it by the provider's word."""
    rows = ProvisionedMembership.objects.filter(group=group)
    return frozenset(rows.values_list("member_id", flat=True))


def _describe(group: ProvisionedGroup, wanted: WantedGroup, actor: Actor) -> bool:
    is_renamed = group.team.name != wanted.name
    if is_renamed:
        group.team.name = wanted.name
        group.team.save(update_fields=["name", "updated_at"])
        group_rules.bring_up_to_date(group.organization, _inside(group.team), actor=actor)
    is_other = is_renamed or group.external_id != wanted.external_id
    group.external_id = wanted.external_id
    return is_other


def _fill(
    group: ProvisionedGroup, entering: frozenset[str], leaving: frozenset[str], actor: Actor
) -> None:
    """Change who is in it; the Team has those of them who are active and members here."""
    comers, goers = _people(group, entering), _people(group, leaving)
    _refuse_unknown(group, entering - {each.pk for each in comers})
    rows = [ProvisionedMembership(group=group, member=each) for each in comers]
    ProvisionedMembership.objects.bulk_create(rows, batch_size=_AT_ONCE)
    active = [each.user for each in comers if each.user is not None and each.is_active]
    inside = _members(group, active)
    lent = [TeamMembership(team_id=group.pk, user=each) for each in inside]
    TeamMembership.objects.bulk_create(lent, batch_size=_AT_ONCE, ignore_conflicts=True)
    ProvisionedMembership.objects.filter(group=group, member__in=leaving).delete()
    outside = [each.user for each in goers if each.user is not None]
    TeamMembership.objects.filter(team_id=group.pk, user__in=outside).delete()
    announce_all_on_commit(each.principal for each in (*inside, *outside))
    concerned = [each.pk for each in (*inside, *outside)]
    group_rules.bring_up_to_date(group.organization, concerned, actor=actor)
    _note(group, "accounts.enter_provisioned_group", comers, actor)
    _note(group, "accounts.leave_provisioned_group", goers, actor)


def _members(group: ProvisionedGroup, people: list[User]) -> list[User]:
    """Without those who left the Organization, or were taken out of it by hand."""
    rows = OrganizationRoleBinding.objects.filter(
        organization_id=group.organization_id, user__in=people
    )
    there = set(rows.values_list("user_id", flat=True))
    return [each for each in people if each.pk in there]


def _inside(team: Team) -> list[str]:
    """Ids of the people in a Team, whose group rules follow its name."""
    return list(TeamMembership.objects.filter(team=team).values_list("user_id", flat=True))


def _people(group: ProvisionedGroup, ids: Iterable[str]) -> list[ProvisionedUser]:
    if not ids:
        return []
    rows = ProvisionedUser.objects.filter(organization_id=group.organization_id, pk__in=ids)
    return list(rows.select_related("user").defer("attributes"))


def _refuse_unknown(group: ProvisionedGroup, ids: frozenset[str]) -> None:
    if not ids:
        return
    first = min(ids)
    if ProvisionedGroup.objects.filter(organization_id=group.organization_id, pk=first).exists():
        raise UnknownMember(
            f"{first} is a group, and a group here holds people only.",
            remedy="Push its people, or assign the inner group as well.",
        )
    raise UnknownMember(
        f"No user of this Organization has the id {first[:64]}.",
        remedy="Create the user first, and send the id that was answered.",
    )


def _note(
    group: ProvisionedGroup, action_name: str, people: list[ProvisionedUser], actor: Actor
) -> None:
    """All names, some to a row, so that no row grows without end."""
    for named in _pieces([each.user_name for each in people]):
        write(actor, action_name, group.team, after={"people": named})


def _pieces(names: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(names), _NAMED):
        yield names[begin : begin + _NAMED]
