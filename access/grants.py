"""All grants of somebody, by one question to the database for all the tables that hold some.

It is asked at each request, so its text is worked out once: to put four queries together costs
several times what it takes to answer them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Now

from access.roles import AnyRole, CustomRole, Role
from access.scopes import Grant, Principal, PrincipalKind, Scope, ScopeKind
from web.prepared import ask, with_constants

Rows = Callable[[Principal], "Iterable[QuerySet[Any, Any]]"]
"""From somebody to rows of `columns`; nothing where this kind of principal has none there.

It may depend on kind and id of the principal alone, and on the id only as a value to compare.
"""
Loader = Callable[[Principal], Iterable[Grant]]

CustomRoles = Callable[[Collection[str]], Mapping[str, CustomRole]]
"""From ids to the roles that Organizations made; what is gone is left out."""

_SOMEWHERE = "somewhere"
"""Stands where their address belongs."""
_rows: list[Rows] = []
_custom_roles: list[CustomRoles] = []
_loaders: list[Loader] = []
_KINDS: Mapping[str, ScopeKind] = {each.value: each for each in ScopeKind}
_ROLES: Mapping[str, Role] = {each.value: each for each in Role}
"""To call an enumeration costs ten times as much, and some people have hundreds of grants."""
_SOMEBODY = "somebody"
"""Stands in the worked-out text where the id of the one who asks belongs."""


class Admits(Func):
    """Whether networks, where any are listed, hold the address of the one who asks.

    It holds for who asks from nowhere: the console itself, and questions about somebody.
    """

    output_field = BooleanField()

    def __init__(self, networks: str) -> None:
        super().__init__(F(networks))

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:  # type: ignore[override]
        networks, values = compiler.compile(self.source_expressions[0])
        text = f"({networks} = '{{}}' OR %s::inet IS NULL OR %s::inet <<= ANY({networks}))"
        return text, [*values, _SOMEWHERE, _SOMEWHERE, *values]


def columns(
    rows: QuerySet[Any], kind: ScopeKind, scope_id: str, role: Role | None = None
) -> QuerySet[Any, Any]:
    """Kind, scope, role and custom role of each binding that has not ended.

    `scope_id` is a field by name. With a `role`, each gives that one instead of its own.
    """
    lasting = rows.filter(Q(expires_at=None) | Q(expires_at__gt=Now())).order_by()
    if role is not None:
        given = (Value(role.value, CharField()), Value(None, CharField()))
        return lasting.values_list(Value(kind.value, CharField()), scope_id, *given)
    return lasting.values_list(Value(kind.value, CharField()), scope_id, "role", "custom_role_id")


def register_custom_roles(loader: CustomRoles) -> None:
    """Say where the roles are kept that Organizations made."""
    if loader not in _custom_roles:
        _custom_roles.append(loader)


def register_rows(rows: Rows) -> None:
    """Add a table of grants."""
    if rows not in _rows:
        _rows.append(rows)
        _question.cache_clear()


def register_loader(loader: Loader) -> None:
    """Add grants that are known without the database."""
    if loader not in _loaders:
        _loaders.append(loader)


def grants_of(principal: Principal, address: str | None = None) -> tuple[Grant, ...]:
    """All that somebody holds; with an `address`, as far as it may be used from there."""
    known = [grant for loader in _loaders for grant in loader(principal)]
    return (*known, *_kept(principal, address))


def _kept(principal: Principal, address: str | None) -> Iterable[Grant]:
    question = _question(principal.kind)
    if question is None:
        return ()
    text, values = question
    known = {_SOMEBODY: principal.id, _SOMEWHERE: address}
    found = ask(text, [known[each] for each in values])
    made = _made({custom for *_, custom in found if custom})
    return [
        Grant(Scope(_KINDS[kind], scope_id), given)
        for kind, scope_id, role, custom in found
        if (given := _given(role, custom, made)) is not None
    ]


def _made(ids: Collection[str]) -> Mapping[str, CustomRole]:
    """A second question, only for those who hold such a role."""
    return {k: v for loader in _custom_roles for k, v in loader(ids).items()} if ids else {}


def _given(role: str, custom: str | None, made: Mapping[str, CustomRole]) -> AnyRole | None:
    return made.get(custom) if custom else _ROLES[role]


@lru_cache
def _question(kind: PrincipalKind) -> tuple[str, tuple[str, ...]] | None:
    somebody = Principal(kind, _SOMEBODY, "")
    given = [queryset for rows in _rows for queryset in rows(somebody)]
    if not given:
        return None
    first, *others = given
    union = first.union(*others, all=True)
    return with_constants(*union.query.sql_with_params(), {_SOMEBODY, _SOMEWHERE})
