"""Who holds a role of the Organization, wherever it was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Count, QuerySet

from access.actor import Actor
from access.permissions import Permission
from access.roles import AnyRole, Rights, rights_of
from access.scopes import Principal, PrincipalKind, Scoped, announce_all_on_commit
from accounts import holdings
from accounts.holdings import Table
from accounts.models import CustomRole, Organization, RoleBinding, TeamMembership


@dataclass(frozen=True)
class Holder:
    """Somebody who has the role in one place."""

    principal: Principal
    where: Scoped
    through: str = ""
    """The Team that lends it; empty for a grant of one's own."""

    @property
    def kind(self) -> str:
        return {PrincipalKind.USER: "Person", PrincipalKind.TEAM: "Team"}.get(
            self.principal.kind, "API token"
        )

    def __str__(self) -> str:
        return f"{self.principal.label} in {self.where}"


@dataclass(frozen=True)
class Effect:
    """What a change of the role gives to one of its holders and takes away."""

    holder: Holder
    gained: tuple[Permission, ...]
    lost: tuple[Permission, ...]


Workspaces = Callable[[Organization], list[tuple[str, str]]]
"""Ids and names of an Organization's Workspaces, by name."""

_workspaces: list[Workspaces] = []


def register_workspaces(source: Workspaces) -> None:
    if source not in _workspaces:
        _workspaces.append(source)


def workspaces(organization: Organization) -> list[tuple[str, str]]:
    """Where a role can be restricted to."""
    return [each for source in _workspaces for each in source(organization)]


def grants(role: CustomRole) -> Iterator[QuerySet[RoleBinding]]:
    """The bindings that give it, a table at a time."""
    for table in holdings.tables():
        yield _rows(table, role)


def counts(roles: Collection[CustomRole]) -> Counter[str]:
    """How many grants there are of each, by its id. One query for each kind of scope."""
    found: Counter[str] = Counter()
    for table in holdings.tables():
        rows = table.model._default_manager.filter(custom_role__in=roles).order_by()
        for role_id, number in rows.values_list("custom_role_id").annotate(Count("pk")):
            found[role_id] += number
    return found


def holders(role: CustomRole, *, most: int) -> list[Holder]:
    """Those who were given it, and behind each Team its people. At most `most`."""
    found: list[Holder] = []
    for table in holdings.tables():
        found += _given(_rows(table, role)[:most], table)
    teams = {h.principal.id: h for h in found if h.principal.kind is PrincipalKind.TEAM}
    members = TeamMembership.objects.filter(team__in=teams).select_related("user", "team")
    for member in members.order_by("user__email")[:most]:
        lent = teams[member.team_id]
        found.append(Holder(member.user.principal, lent.where, through=member.team.name))
    return found[:most]


def outside(role: CustomRole, workspace_ids: Collection[str], *, most: int) -> list[Holder]:
    """Those who have it in other Workspaces than these."""
    found: list[Holder] = []
    for table in holdings.tables():
        if table.workspace:
            rows = _rows(table, role).exclude(**{f"{table.workspace}__in": workspace_ids})
            found += _given(rows[:most], table)
    return found[:most]


def effects(role: CustomRole, proposed: Rights, *, most: int) -> list[Effect]:
    """What `proposed` rights would change for each holder, with all that they hold otherwise.

    It asks for the grants of each of them, so let it be few.
    """
    return [_effect(holder, role.pk, proposed) for holder in holders(role, most=most)]


def announce(role: CustomRole) -> None:
    """Tell the open tabs of everybody who holds it, through Teams as well, on commit."""
    told: dict[str, Principal] = {}
    teams: set[str] = set()
    for rows in grants(role):
        for binding in rows.select_related("user", "team", "api_token"):
            told[_principal(binding).id] = _principal(binding)
            teams |= {binding.team_id} if binding.team_id else set()
    for member in TeamMembership.objects.filter(team__in=teams).select_related("user"):
        told[member.user_id] = member.user.principal
    announce_all_on_commit(told.values())


def _effect(holder: Holder, role_id: str, proposed: Rights) -> Effect:
    actor = Actor(holder.principal)
    scopes = holder.where.access_scopes()
    held = [role for scope in scopes for role in actor.roles.get(scope, ())]
    before = frozenset[Permission]().union(*map(rights_of, held))
    after = frozenset[Permission]().union(
        *(proposed if _is(role, role_id) else rights_of(role) for role in held)
    )
    return Effect(holder, tuple(sorted(after - before)), tuple(sorted(before - after)))


def _is(role: AnyRole, role_id: str) -> bool:
    return getattr(role, "id", "") == role_id


def _rows(table: Table, role: CustomRole) -> QuerySet[RoleBinding]:
    return table.model._default_manager.filter(custom_role=role).order_by("created_at", "pk")


def _given(rows: QuerySet[RoleBinding], table: Table) -> Iterator[Holder]:
    for binding in rows.select_related("user", "team", "api_token", table.scope):
        yield Holder(_principal(binding), cast("Any", getattr(binding, table.scope)))


def _principal(binding: RoleBinding) -> Principal:
    if binding.api_token is not None:
        token = binding.api_token
        return Principal(PrincipalKind.API_TOKEN, token.pk, token.name)
    return cast("Any", binding.user or binding.team).principal  # type: ignore[no-any-return]
