"""Which rows belong to an Organization, found by following foreign keys, and a digest of them.

A model that is new is covered by itself. A row that leads to two Organizations belongs to both, so
what one of them connects to the other changes the other's digest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Q, QuerySet

from accounts.models import Organization, User

_DEEPEST = 4
"""Foreign keys in a row that are followed."""


def rows_of(
    model: type[models.Model], organization: Organization, people: Collection[str]
) -> QuerySet[Any]:
    """The rows of one model that belong to the Organization, or to one of its people."""
    where = Q(pk__in=[])
    for path, goal in _paths(model, _DEEPEST):
        where |= Q(**{f"{path}__in": people if goal is User else [organization.pk]})
    return model._base_manager.filter(where).order_by()


class Ledger:
    """What an Organization and its people have in each table: one question to the database.

    It is a function there, whose plan is kept: to plan it takes far longer than to answer it, and
    a prepared statement would go with every rollback.
    """

    def __init__(self, organization: Organization, people: Collection[str]) -> None:
        self._models = {model._meta.db_table: model for model in owned_models()}
        self._name = organization.pk
        rows = [
            (table, str(model._meta.pk.column), rows_of(model, organization, people).query)
            for table, model in self._models.items()
        ]
        _define(f"digests_{self._name}", "text", rows, _DIGEST)
        _define(f"keys_{self._name}", "text[]", rows, "array_agg({key}::text ORDER BY {key})")

    def digests(self) -> dict[str, str]:
        """By table, of all that its rows hold."""
        return _answer(f"digests_{self._name}")

    def keys(self) -> dict[type[models.Model], list[str]]:
        """By model; those without a row are left out."""
        found = _answer(f"keys_{self._name}")
        return {self._models[table]: keys for table, keys in found.items() if keys}


_DIGEST = "md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), ''))"


def _define(name: str, kind: str, rows: list[tuple[str, str, Any]], what: str) -> None:
    parts, values = [], list[Any]()
    for table, key, query in rows:
        text, given = query.sql_with_params()
        shown = what.format(key=key)
        parts.append(f"SELECT '{table}', {shown} FROM ({text}) AS r")  # noqa: S608
        values += given
    postgres: Any = connection.ops
    asked = postgres.compose_sql(" UNION ALL ".join(parts), values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION pg_temp.{name}() RETURNS TABLE (name text, found {kind}) "
            f"LANGUAGE plpgsql AS $body$ BEGIN RETURN QUERY {asked}; END $body$"
        )


def _answer(name: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM pg_temp.{name}()")  # noqa: S608
        return dict(cursor.fetchall())


def owned_models() -> list[type[models.Model]]:
    """Every model from which a way leads to an Organization or to a person."""
    return [model for model in apps.get_models() if any(_paths(model, _DEEPEST))]


def _paths(model: type[models.Model], depth: int) -> Iterator[tuple[str, type[models.Model]]]:
    """Look-ups from a model to Organization and User, each with where it leads."""
    if model in (Organization, User):
        yield "pk", model
        return
    for field in model._meta.concrete_fields:
        if field.name == "organization_id":  # the audit log keeps ids without a foreign key
            yield field.name, Organization
        elif isinstance(field, models.ForeignKey) and depth:
            for path, goal in _paths(field.related_model, depth - 1):
                yield (field.name if path == "pk" else f"{field.name}__{path}"), goal
