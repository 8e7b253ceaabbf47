"""Questions and rows of every request: their text is worked out once, only the values change.

To put a statement together costs the ORM several times what PostgreSQL takes for it, and to plan
it costs PostgreSQL several times what it takes to answer. So both are done once for a connection:
the statement is a prepared one. Source: PostgreSQL, "PREPARE"; psycopg, "Prepared statements".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from functools import cache, cached_property, lru_cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import AutoField, Model, QuerySet, Value
from django.db.models.query import ModelIterable
from psycopg.sql import Literal

M = TypeVar("M", bound=Model)
_MARK = "\x01value\x01"
"""Stands in the worked-out text where the value belongs."""


class _Preparing(psycopg.RawCursor[Any]):
    """Django's own cursors write the values into the text, which is another one each time.

    This one takes PostgreSQL's own marks ($1), so that it need not look for them in a long text.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> _Preparing:
        marked = _marked(query)
        super().execute(marked, params, **{"prepare": True, **how})
        # Django's record of queries asks for it, and psycopg keeps no text that it sent by name
        self._query = cast("Any", SimpleNamespace(query=marked.encode()))
        return self


@lru_cache(maxsize=500)
def _marked(text: str) -> str:
    first, *others = text.replace("%%", "%").split("%s")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))


def ask(text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows that a statement gives whose text is the same each time.

    It counts and fails like any statement of a Django cursor.
    """
    with _cursor() as cursor:
        cursor.execute(text, values)
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def _cursor() -> Any:
    """One of Django's, over one that prepares: to make the usual one only to put it aside would
    take a tenth of a short question's time."""
    connection = cast("Any", connections[DEFAULT_DB_ALIAS])
    if not settings.PREPARES_STATEMENTS:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection._prepare_cursor(_Preparing(connection.connection))


def with_constants(
    text: str, values: Sequence[Any], still_open: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """A statement in which only the values named in `still_open` are left to be given.

    It is planned before those are known; by the constants, such as the name of a role that few
    have, PostgreSQL finds the index.
    """
    first, *others = text.split("%s")
    told, left = [first], []
    for value, part in zip(values, others, strict=True):
        is_open = isinstance(value, str) and value in still_open
        if is_open:
            left.append(value)
        literal = "%s" if is_open else Literal(value).as_string(None).replace("%", "%%")
        told += [literal, part]
    return "".join(told), tuple(left)


class Prepared(Generic[M]):
    """A query of rows of one model by one value, mostly an id.

    `make` is called once, with an expression in the place of the value, and may only compare
    with it. What is read is the same as from its QuerySet: related rows and all.
    """

    def __init__(self, make: Callable[[Value], QuerySet[M]]) -> None:
        self._make = make

    def first(self, value: str | int) -> M | None:
        """The first row of the answer."""
        return next(iter(self._rows(value)), None)

    def all(self, value: str | int) -> list[M]:
        """The whole answer, in the order of its QuerySet."""
        return list(self._rows(value))

    def _rows(self, value: str | int) -> ModelIterable[M]:
        text, marked = self._text
        bound = tuple(value for _ in marked)
        compiler = copy(self._compiler)
        compiler.connection = connections[compiler.using]
        compiler.execute_sql = lambda *_, **__: [ask(text, bound)]
        compiler.get_converters = lambda _: self._converters
        asked = SimpleNamespace(
            query=SimpleNamespace(get_compiler=lambda **_: compiler),
            db=compiler.using,
            model=compiler.query.model,
            _known_related_objects={},
        )
        return ModelIterable(cast("Any", asked))

    @cached_property
    def _compiler(self) -> Any:
        rows = self._make(Value(_MARK))
        return rows.query.get_compiler(using=rows.db)

    @cached_property
    def _converters(self) -> Any:
        """What makes values of columns, the same for each answer; known once the text is."""
        compiler = self._compiler
        return compiler.get_converters([each[0] for each in compiler.select[: compiler.col_count]])

    @cached_property
    def _text(self) -> tuple[str, tuple[str, ...]]:
        text, values = self._compiler.as_sql()
        return with_constants(text, values, {_MARK})


def insert(row: M) -> M:
    """Write a new row of one table; the same as `save(force_insert=True)`, and it has its id then.

    Unlike that it checks nothing that the database does not, and sends no signals.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    text, fields = _insertion(type(row))
    values = [each.get_db_prep_save(each.pre_save(row, True), connection) for each in fields]  # noqa: FBT003 - Django's own
    ((row.pk,),) = ask(text, values)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


def update(row: Model, values: Mapping[str, Any], **still: Any) -> bool:
    """Write these fields of one row while those named in `still` are what is said there.

    Answers whether there was such a row; `row` itself keeps what it has. As `QuerySet.update`.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    text, fields = _change(type(row), tuple(values), tuple(still))
    wanted = (*values.values(), row.pk, *still.values())
    given = zip(fields, wanted, strict=True)
    return bool(ask(text, [field.get_db_prep_save(value, connection) for field, value in given]))


def save(row: Model, *names: str) -> None:
    """Write these fields of a row as the object has them; as `save(update_fields=names)`."""
    update(row, {name: getattr(row, name) for name in names})


@cache
def _change(
    model: type[Model], names: tuple[str, ...], still: tuple[str, ...]
) -> tuple[str, list[Any]]:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    own, key = model._meta, cast("Any", model._meta.pk)
    changed = [cast("Any", own.get_field(name)) for name in names]
    compared = [key, *(cast("Any", own.get_field(name)) for name in still)]
    sets = ", ".join(f"{quote(each.column)} = %s" for each in changed)
    where = " AND ".join(f"{quote(each.column)} = %s" for each in compared)
    what = f"{quote(own.db_table)} SET {sets} WHERE {where} RETURNING {quote(key.column)}"
    return f"UPDATE {what}", [*changed, *compared]


@cache
def _insertion(model: type[Model]) -> tuple[str, list[Any]]:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    own, key = model._meta, cast("Any", model._meta.pk)
    fields = [each for each in own.concrete_fields if not isinstance(each, AutoField)]
    names = ", ".join(quote(str(each.column)) for each in fields)
    marks = ", ".join(["%s"] * len(fields))
    where = f"{quote(own.db_table)} ({names}) VALUES ({marks}) RETURNING {quote(key.column)}"
    return f"INSERT INTO {where}", fields
