"""Who holds a role of the Organization, wherever it was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Count, QuerySet

from access.actor import Actor
from access.permissions import Permission
from access.querysets import ScopedQuerySet
from access.roles import AnyRole, Rights, rights_of
from access.scopes import Principal, PrincipalKind, Scoped, ScopeKind, announce_all_on_commit
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


@dataclass(frozen=True)
class Holders:
    """Some who have a role, as far as somebody may know where; the others are a number."""

    shown: list[Holder]
    hidden: int
    """Grants in places that whoever asks may not know of."""

    def __bool__(self) -> bool:
        return bool(self.shown or self.hidden)

    def named(self, most: int) -> str:
        """`mia@example.com in prod-etl, and 2 that you may not see`."""
        words = [str(each) for each in self.shown[:most]]
        words += ["others"] if len(self.shown) > most else []
        words += [f"{self.hidden} that you may not see"] if self.hidden else []
        return ", ".join(words[:-1]) + (" and " if words[1:] else "") + words[-1] if words else ""


def workspaces(organization: Organization, actor: Actor) -> list[tuple[str, str]]:
    """Ids and names of those that `actor` may know of: where a role can be restricted to."""
    found: list[tuple[str, str]] = []
    for table in _workspace_tables():
        visible = _visible(table.things_of(organization.pk), table, actor)
        found += visible.order_by("name").values_list("pk", "name")
    return found


def hidden_workspaces(role: CustomRole, actor: Actor) -> list[str]:
    """Ids of those that the role is restricted to and that `actor` may not know of."""
    found: list[str] = []
    for table in _workspace_tables():
        there = table.things_of(role.organization_id).filter(pk__in=role.restricted_workspace_ids)
        visible = _visible(there, table, actor).values("pk")
        found += there.exclude(pk__in=visible).order_by("pk").values_list("pk", flat=True)
    return found


def _workspace_tables() -> list[Table]:
    return [each for each in holdings.tables() if each.kind is ScopeKind.WORKSPACE]


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


def holders(role: CustomRole, *, actor: Actor, most: int) -> Holders:
    """Those who were given it, and behind each Team its people. At most `most`."""
    found: list[Holder] = []
    hidden = 0
    for table in holdings.tables():
        rows = _rows(table, role)
        found += _given(_seen(rows, table, actor)[:most], table)
        hidden += _hidden(rows, table, actor)
    teams = {h.principal.id: h for h in found if h.principal.kind is PrincipalKind.TEAM}
    members = TeamMembership.objects.filter(team__in=teams).select_related("user", "team")
    for member in members.order_by("user__email")[:most]:
        lent = teams[member.team_id]
        found.append(Holder(member.user.principal, lent.where, through=member.team.name))
    return Holders(found[:most], hidden)


def outside(role: CustomRole, workspace_ids: Collection[str], *, most: int) -> Holders:
    """Those who have it in other Workspaces than these, to whoever may change the role: they hold
    its rights in the whole Organization, and so know of every place."""
    found: list[Holder] = []
    for table in holdings.tables():
        if table.workspace:
            rows = _rows(table, role).exclude(**{f"{table.workspace}__in": workspace_ids})
            found += _given(rows[:most], table)
    return Holders(found[:most], hidden=0)


def effects(role: CustomRole, proposed: Rights, *, of: Holders) -> list[Effect]:
    """What `proposed` rights would change for each holder, with all that they hold otherwise.

    It asks for the grants of each of them, so let it be few.
    """
    return [_effect(holder, role.pk, proposed) for holder in of.shown]


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


def _seen(rows: QuerySet[RoleBinding], table: Table, actor: Actor) -> QuerySet[RoleBinding]:
    return rows.filter(**{f"{table.scope}__in": _visible(table.things(), table, actor)})


def _visible(things: QuerySet[Any], table: Table, actor: Actor) -> QuerySet[Any]:
    return cast("ScopedQuerySet[Any]", things).visible_to(actor, table.sees)


def _hidden(rows: QuerySet[RoleBinding], table: Table, actor: Actor) -> int:
    if actor.is_system:
        return 0
    return rows.exclude(pk__in=_seen(rows, table, actor).order_by().values("pk")).count()


def _given(rows: QuerySet[RoleBinding], table: Table) -> Iterator[Holder]:
    for binding in rows.select_related("user", "team", "api_token", table.scope):
        yield Holder(_principal(binding), cast("Any", getattr(binding, table.scope)))


def _principal(binding: RoleBinding) -> Principal:
    if binding.api_token is not None:
        token = binding.api_token
        return Principal(PrincipalKind.API_TOKEN, token.pk, token.name)
    return cast("Any", binding.user or binding.team).principal  # type: ignore[no-any-return]
