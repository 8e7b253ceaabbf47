"""Who may do what here, and why: through which grant, which Team, and until when.

It reads the same rows as an actor's rights, so that it says the same; `tests/accounts` holds the
one against the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from access.permissions import Permission
from access.roles import PERMISSIONS_OF, Rights, Role, rights_of
from access.scopes import Principal, Scoped, ScopeKind
from accounts.grants import subject_fields
from accounts.holdings import Holding, Table, tables
from accounts.models import ApiToken, Team, TeamMembership, User
from accounts.models.bindings import lasting
from accounts.models.custom_role import ENTRANCE
from web.prepared import ask, with_constants

_ACCESSOR: Rights = PERMISSIONS_OF[Role.WORKSPACE_ACCESSOR]


@dataclass(frozen=True)
class Reason:
    """One grant, and what it lends here."""

    holding: Holding
    rights: Rights
    is_implied: bool = False
    """A role on a Deployment, which also opens the basics of its Workspace."""

    @property
    def team(self) -> Team | None:
        return self.holding.binding.team

    @property
    def scope_and_role(self) -> str:
        return f"{self.holding.kind} {self.holding.binding.held_role.label}"


def reasons(principal: Principal, subject: Scoped) -> list[Reason]:
    """Every grant through which somebody holds rights on `subject`, the widest scope first.

    One query for each table.
    """
    fields = subject_fields(principal.kind)
    if not fields:
        return []
    theirs = Q(*((field, principal.id) for field in fields), _connector=Q.OR)
    return list(_reaching(subject, theirs))


def rights_by_reason(found: Iterable[Reason]) -> dict[Permission, list[Reason]]:
    """For each right that is held the reasons why, in the order of the rights' ids."""
    held: dict[Permission, list[Reason]] = {}
    for reason in found:
        for right in reason.rights:
            held.setdefault(right, []).append(reason)
    return dict(sorted(held.items()))


def people_with(permission: Permission, subject: Scoped) -> QuerySet[User]:
    """Everybody who can sign in and holds a right on `subject`, by a grant of any scope."""
    rows = list(_granting(permission, subject))
    own = [Q(pk__in=each.exclude(user=None).values("user_id")) for each in rows]
    lent = [
        Q(
            pk__in=TeamMembership.objects.filter(
                team__in=each.exclude(team=None).values("team_id")
            ).values("user_id")
        )
        for each in rows
    ]
    active = User.objects.filter(status=User.Status.ACTIVE)
    return active.filter(Q(*own, *lent, _connector=Q.OR))


def why(
    permission: Permission, subject: Scoped, people: Collection[User]
) -> dict[str, list[Reason]]:
    """Through which grants each of these people holds the right, by their ids.

    Two queries for each table, however many there are.
    """
    ids = [each.pk for each in people]
    lent = TeamMembership.objects.filter(user__in=ids).values_list("team_id", "user_id")
    by_team: dict[str, list[str]] = {}
    for team_id, user_id in lent:
        by_team.setdefault(team_id, []).append(user_id)
    found: dict[str, list[Reason]] = {}
    theirs = Q(user_id__in=ids) | Q(team_id__in=by_team)
    for reason in _reaching(subject, theirs):
        if permission in reason.rights:
            binding = reason.holding.binding
            owners = [binding.user_id] if binding.user_id else by_team[str(binding.team_id)]
            for user_id in owners:
                found.setdefault(str(user_id), []).append(reason)
    return found


def tokens_with(permission: Permission, subject: Scoped, *, most: int) -> list[ApiToken]:
    """The usable API tokens that hold a right on `subject`, by name."""
    rows = list(_granting(permission, subject))
    held = Q(
        *(Q(pk__in=each.exclude(api_token=None).values("api_token_id")) for each in rows),
        _connector=Q.OR,
    )
    found = ApiToken.objects.filter(held, lasting(), revoked_at=None)
    return list(found.order_by("name")[:most])


def granters(subject: Scoped, *, most: int = 2) -> list[str]:
    """Names of people who can give roles on `subject` or on what it lies in, the nearest first.

    One query for each of those places until there are enough, its text worked out once. Of people
    with roles of the Organization's own only those count who hold the right.
    """
    scopes = subject.access_scopes()
    ids = {_mark(scope.kind): scope.id for scope in scopes}
    names: dict[str, None] = {}
    for kind, right in _GIVING:
        text, values = _naming(tuple(scope.kind for scope in scopes), kind, right, most)
        bound = [ids[each] for each in values]
        names |= dict.fromkeys(name for (name,) in (ask(text, bound) if text else ()))
        if len(names) >= most:
            break
    return list(names)[:most]


def _mark(kind: ScopeKind) -> str:
    return f"\x01{kind.value}\x01"


@lru_cache
def _naming(
    kinds: tuple[ScopeKind, ...], kind: ScopeKind, right: Permission, most: int
) -> tuple[str, tuple[str, ...]]:
    arms = []
    for rows in _ways(right, kind) if kind in kinds else ():
        named = rows.exclude(user=None).filter(user__status=User.Status.ACTIVE)
        lent = rows.exclude(team=None).filter(team__memberships__user__status=User.Status.ACTIVE)
        arms += [_names(named, "user"), _names(lent, "team__memberships__user")]
    if not arms:
        return "", ()
    first, *others = arms
    found = first.union(*others).order_by("name")[:most]
    return with_constants(*found.query.sql_with_params(), {_mark(each) for each in ScopeKind})


_GIVING = (
    (ScopeKind.DEPLOYMENT, Permission.DEPLOYMENT_USERS_CREATE),
    (ScopeKind.WORKSPACE, Permission.WORKSPACE_ROLES_UPDATE),
    (ScopeKind.ORGANIZATION, Permission.ORGANIZATION_USERS_UPDATE_ROLES),
)


def _names(rows: QuerySet[Any], path: str) -> QuerySet[Any, Any]:
    name = Coalesce(
        NullIf(F(f"{path}__full_name"), Value("")), F(f"{path}__email"), output_field=CharField()
    )
    named: QuerySet[Any, Any] = rows.annotate(name=name)
    return named.values_list("name")


def _ways(permission: Permission, kind: ScopeKind) -> Iterator[QuerySet[Any]]:
    """The grants of one kind that lend a right, by roles of ours and by those made there.

    Apart, so that each finds its own index among the many thousands of an Organization.
    """
    for table in tables():
        if table.kind is kind:
            here = {f"{table.scope}_id": _mark(kind)}
            rows = table.model._default_manager.filter(lasting(), **here).order_by()
            yield rows.filter(role__in=_roles_with(permission))
            yield rows.filter(_made_with(permission, kind))


def _granting(permission: Permission, subject: Scoped) -> Iterator[QuerySet[Any]]:
    """The grants that lend a right on `subject`, a table at a time."""
    ids = {scope.kind: scope.id for scope in subject.access_scopes()}
    for table in tables():
        here = ids.get(table.kind)
        if here is not None:
            rows = table.model._default_manager.filter(lasting(), **{f"{table.scope}_id": here})
            yield rows.filter(_lends(permission, table.kind)).order_by()
        if _opens_home(table, ids) and permission in _ACCESSOR:
            home = {table.workspace: ids[ScopeKind.WORKSPACE]}
            yield table.model._default_manager.filter(lasting(), **home).order_by()


def _opens_home(table: Table, ids: dict[ScopeKind, str]) -> bool:
    """Whether its grants also open the Workspace that `subject` is or lies in."""
    return table.kind is ScopeKind.DEPLOYMENT and ScopeKind.WORKSPACE in ids


def _lends(permission: Permission, kind: ScopeKind) -> Q:
    return Q(role__in=_roles_with(permission)) | _made_with(permission, kind)


def _roles_with(permission: Permission) -> list[str]:
    return [role.value for role in Role if permission in PERMISSIONS_OF[role]]


def _made_with(permission: Permission, kind: ScopeKind) -> Q:
    lends = Q(custom_role__permissions__contains=[permission.value])
    if ENTRANCE[kind.value.upper()] == permission:
        lends |= Q(custom_role__isnull=False)
    return lends


def _reaching(subject: Scoped, theirs: Q) -> Iterator[Reason]:
    ids = {scope.kind: scope.id for scope in subject.access_scopes()}
    for table in tables():
        here = ids.get(table.kind, "")
        place = Q(**{f"{table.scope}_id": here}) if here else Q(pk__in=[])
        if _opens_home(table, ids):
            place |= Q(**{table.workspace: ids[ScopeKind.WORKSPACE]})
        found = table.rows().filter(place, lasting(), theirs).distinct()
        for binding in found.order_by("created_at", "pk"):
            is_here = getattr(binding, f"{table.scope}_id") == here
            rights = rights_of(binding.held_role) if is_here else _ACCESSOR
            yield Reason(Holding(table, binding), rights | _home(table, ids), not is_here)


def _home(table: Table, ids: dict[ScopeKind, str]) -> Rights:
    return _ACCESSOR if _opens_home(table, ids) else frozenset()
