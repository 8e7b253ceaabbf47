"""What rules make of groups: one step for each Team and role that is there or ought to be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from access.roles import AnyRole, Role, rights_of
from access.scopes import ScopeKind
from accounts import holdings
from accounts.holdings import Table
from accounts.models import (
    GroupRule,
    Organization,
    RoleBinding,
    SsoIdentity,
    Team,
    TeamMembership,
    User,
)

Key = tuple[str, str]
"""A person's id, and that of a Team or of what a role is given on."""
_TEAM = GroupRule.Kind.TEAM


@dataclass(frozen=True)
class Step:
    """From what somebody has in one place to what their groups give there."""

    user: User
    place: Any
    table: Table | None
    """None for a Team."""
    row: TeamMembership | RoleBinding | None
    """What there is."""
    role: AnyRole | None
    """What ought to be; None for a Team, and for nothing."""
    is_given: bool
    """Whether anything ought to be."""

    @property
    def kind(self) -> str:
        return self.table.kind.value.title() if self.table else "Team"

    @property
    def is_kept(self) -> bool:
        """Given by hand, so that no rule changes it."""
        return self.row is not None and not self.row.is_by_rule

    @property
    def before(self) -> str:
        if self.row is None:
            return ""
        return self.row.held_role.label if isinstance(self.row, RoleBinding) else "member"

    @property
    def after(self) -> str:
        if not self.is_given:
            return ""
        return self.role.label if self.role else "member"

    @property
    def changes(self) -> bool:
        return not self.is_kept and self.before != self.after

    def __str__(self) -> str:
        what = f"{self.kind} {self.place}"
        if self.is_kept:
            return f"{self.user} keeps {self.before} in {what}, given by hand"
        if not self.after:
            return f"{self.user} loses {self.before} in {what}"
        gains = f"{self.user} becomes {self.after} in {what}"
        return f"{gains} instead of {self.before}" if self.before else gains


def steps(
    organization: Organization,
    people: Collection[User],
    groups: Mapping[str, Collection[str]],
    rules: Sequence[GroupRule],
) -> Iterator[Step]:
    """For people of the Organization. A fixed number of queries for each kind of place."""
    by_id = {each.pk: each for each in people}
    yield from _teams(organization, by_id, groups, rules)
    for table in holdings.tables():
        mine = [each for each in rules if each.kind == table.kind.value]
        yield from _roles(organization, by_id, groups, mine, table)


def _teams(
    organization: Organization,
    people: Mapping[str, User],
    groups: Mapping[str, Collection[str]],
    rules: Sequence[GroupRule],
) -> Iterator[Step]:
    teams = {rule.team_id: rule.team for rule in rules if rule.kind == _TEAM and rule.team}
    rows = TeamMembership.objects.filter(
        Q(is_by_rule=True) | Q(team__in=list(teams)),
        user__in=list(people),
        team__organization=organization,
    )
    there = {(row.user_id, row.team_id): row for row in rows.select_related("team")}
    wanted = {
        (user_id, str(rule.team_id))
        for rule in rules
        for user_id in _in_group(rule, people, groups)
        if rule.kind == _TEAM
    }
    for key in sorted(wanted | there.keys()):
        row, place = there.get(key), teams.get(key[1])
        team: Team | None = row.team if row else place
        if key in wanted or (row and row.is_by_rule):
            yield Step(people[key[0]], team, None, row, None, key in wanted)


def _roles(
    organization: Organization,
    people: Mapping[str, User],
    groups: Mapping[str, Collection[str]],
    rules: Sequence[GroupRule],
    table: Table,
) -> Iterator[Step]:
    ids = {rule.place_id for rule in rules}
    places = {each.pk: each for each in table.things_of(organization.pk).filter(pk__in=ids)}
    wanted = _wanted(people, groups, rules, places)
    field = f"{table.scope}_id"
    of_interest = Q(is_by_rule=True) | Q(**{f"{field}__in": list(places)})
    rows = table.rows().filter(of_interest, user__in=list(people), **table.within(organization.pk))
    there: dict[Key, RoleBinding] = {(str(row.user_id), getattr(row, field)): row for row in rows}
    least = _least(organization, table, there)
    for key in sorted(wanted.keys() | there.keys()):
        row, role = there.get(key), wanted.get(key)
        if role is None and row is not None and row.is_by_rule:
            role = least.get(key[0])
        elif role is None:
            continue
        place = getattr(row, table.scope) if row else places[key[1]]
        yield Step(people[key[0]], place, table, row, role, role is not None)


def _wanted(
    people: Mapping[str, User],
    groups: Mapping[str, Collection[str]],
    rules: Sequence[GroupRule],
    places: Mapping[str, Any],
) -> dict[Key, AnyRole]:
    """The strongest role of each person in each place."""
    found: dict[Key, AnyRole] = {}
    for rule in rules:
        place = places.get(rule.place_id)
        if place is None or not _may_be_given(rule, place):
            continue
        for user_id in _in_group(rule, people, groups):
            key, role = (user_id, rule.place_id), rule.given_role
            known = found.get(key)
            if known is None or len(rights_of(role)) > len(rights_of(known)):
                found[key] = role
    return found


def _may_be_given(rule: GroupRule, place: Any) -> bool:
    """A role of the Organization may be kept to certain Workspaces, by now to others."""
    allowed = rule.custom_role.restricted_workspace_ids if rule.custom_role else []
    homes = {scope.id for scope in place.access_scopes() if scope.kind is ScopeKind.WORKSPACE}
    return not allowed or bool(homes & set(allowed))


def _in_group(
    rule: GroupRule, people: Mapping[str, User], groups: Mapping[str, Collection[str]]
) -> list[str]:
    return [user_id for user_id in people if rule.group in groups.get(user_id, ())]


def _least(
    organization: Organization, table: Table, there: Mapping[Key, RoleBinding]
) -> dict[str, AnyRole]:
    """What members keep without any group: what their connection gives to newcomers."""
    if table.kind is not ScopeKind.ORGANIZATION:
        return {}
    ids = [user_id for (user_id, _), row in there.items() if row.is_by_rule]
    mine = SsoIdentity.objects.filter(user__in=ids, connection__organization=organization)
    said = mine.order_by("last_seen_at").values_list("user_id", "connection__default_role")
    least: dict[str, AnyRole] = dict.fromkeys(ids, Role.ORGANIZATION_MEMBER)
    return least | {user_id: Role(role) for user_id, role in said}
