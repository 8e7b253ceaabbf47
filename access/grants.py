"""All grants of somebody, by one question to the database for all the tables that hold some.

It is asked at each request, so its text is worked out once: to put four queries together costs
several times what it takes to answer them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import CharField, QuerySet, Value

from access.roles import Role
from access.scopes import Grant, Principal, PrincipalKind, Scope, ScopeKind

Rows = Callable[[Principal], "QuerySet[Any, Any] | None"]
"""From somebody to rows of `columns`; None where this kind of principal has none there.

It may depend on kind and id of the principal alone, and on the id only as a value to compare.
"""
Loader = Callable[[Principal], Iterable[Grant]]

_rows: list[Rows] = []
_loaders: list[Loader] = []
_SOMEBODY = "somebody"
"""Stands in the worked-out text where the id of the one who asks belongs."""


def columns(
    rows: QuerySet[Any], kind: ScopeKind, scope_id: str, role: str | Role
) -> QuerySet[Any, Any]:
    """Kind, scope and role of each row: fields by name, a Role as itself."""
    shown = Value(role.value, CharField()) if isinstance(role, Role) else role
    return rows.order_by().values_list(Value(kind.value, CharField()), scope_id, shown)


def register_rows(rows: Rows) -> None:
    """Add a table of grants."""
    if rows not in _rows:
        _rows.append(rows)
        _question.cache_clear()


def register_loader(loader: Loader) -> None:
    """Add grants that are known without the database."""
    if loader not in _loaders:
        _loaders.append(loader)


def grants_of(principal: Principal) -> tuple[Grant, ...]:
    known = [grant for loader in _loaders for grant in loader(principal)]
    return (*known, *_kept(principal))


def _kept(principal: Principal) -> Iterable[Grant]:
    question = _question(principal.kind)
    if question is None:
        return ()
    text, values = question
    with connection.cursor() as cursor:
        cursor.execute(text, [principal.id if each == _SOMEBODY else each for each in values])
        found = cursor.fetchall()
    return [Grant(Scope(ScopeKind(kind), scope_id), Role(role)) for kind, scope_id, role in found]


@lru_cache
def _question(kind: PrincipalKind) -> tuple[str, tuple[Any, ...]] | None:
    somebody = Principal(kind, _SOMEBODY, "")
    given = [queryset for rows in _rows if (queryset := rows(somebody)) is not None]
    if not given:
        return None
    first, *others = given
    text, values = first.union(*others, all=True).query.sql_with_params()
    return text, values
