"""Grants wherever they are kept, as one: by whom they are held, and on what.

Each room declares its table in `ready()`, so that nobody looks up the stairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet
from django.urls import reverse

from access.actor import Actor
from access.permissions import Permission
from access.scopes import Scoped, ScopeKind
from accounts.models import RoleBinding, Team
from audit.record import Auditable

MOST = 500
"""Grants of each table that a page lists."""


@dataclass(frozen=True)
class Table:
    """Where the grants on one kind of scope are kept."""

    model: type[RoleBinding]
    kind: ScopeKind
    scope: str
    """The relation to what a role is given on."""
    workspace: str
    """The look-up that leads to its Workspace's id; empty for what lies in none."""
    sees: Permission
    """Who holds it on that thing may know of it."""
    page: str
    """The route of that thing."""
    things: Callable[[], QuerySet[Any]]
    """All that roles of it can be given on."""

    def within(self, organization_id: str) -> dict[str, str]:
        """The filter for grants on what lies in an Organization."""
        return {f"{self.scope}__{self._home}": organization_id}

    def things_of(self, organization_id: str) -> QuerySet[Any]:
        """What roles can be given on in an Organization."""
        return self.things().filter(**{self._home: organization_id})

    @property
    def _home(self) -> str:
        paths: dict[ScopeKind, str] = cast("Any", self.things()).scope_paths
        return paths[ScopeKind.ORGANIZATION]

    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.select_related(
            self.scope, "user", "team", "api_token", "custom_role"
        )


@dataclass(frozen=True)
class Holding:
    """One grant, with what it is given on."""

    table: Table
    binding: RoleBinding

    @property
    def thing(self) -> Any:
        return getattr(self.binding, self.table.scope)

    @property
    def scoped(self) -> Scoped:
        return cast("Scoped", self.binding)

    @property
    def kind(self) -> str:
        return self.table.kind.value.title()

    @property
    def url(self) -> str:
        return reverse(self.table.page, args=[self.thing.pk])


_tables: list[Table] = []
_WIDEST_FIRST = (ScopeKind.ORGANIZATION, ScopeKind.WORKSPACE, ScopeKind.DEPLOYMENT)


def register(table: Table) -> None:
    if table not in _tables:
        _tables.append(table)
        _tables.sort(key=lambda each: _WIDEST_FIRST.index(each.kind))


def tables() -> tuple[Table, ...]:
    """All of them, the widest scope first."""
    return tuple(_tables)


def of_team(team: Team, *, most: int | None = None) -> Iterator[Holding]:
    """Grants of a Team, the widest scope first; of each scope at most `most`, or all.

    One query for each table.
    """
    for table in _tables:
        for binding in table.rows().filter(team=team).order_by(f"{table.scope}__name")[:most]:
            yield Holding(table, binding)


def knows(actor: Actor, kind: ScopeKind, binding: RoleBinding) -> bool:
    """Whether `actor` may know of what a grant on one kind of scope is given on."""
    scoped = cast("Scoped", binding)
    return any(actor.can(each.sees, scoped) for each in _tables if each.kind is kind)


def visible(holdings: Iterator[Holding], actor: Actor) -> list[Holding]:
    """Those on things that `actor` may know of."""
    return [each for each in holdings if actor.can(each.table.sees, each.scoped)]


def auditable(binding: RoleBinding) -> Auditable:
    """A grant as the audit log takes it: every concrete table's is."""
    return cast("Auditable", binding)
