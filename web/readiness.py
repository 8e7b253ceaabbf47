"""Whether this process can do its work now: what it needs answers, and knows its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from django.core.cache import cache as shared
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from redis import RedisError


class BehindError(Exception):
    """The database lacks what this process' models have."""


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 `ok`, or 503 with a line for each part that does not answer; for load balancers.

    Says nothing but the names of the parts, so it needs no sign-in.
    """
    faults = list(_faults())
    text = "\n".join(faults) if faults else "ok"
    return HttpResponse(text, status=503 if faults else 200, content_type="text/plain")


def _faults() -> Iterator[str]:
    if not _answers(_ask_database):
        yield "PostgreSQL does not answer"
    elif not _answers(check_migrations):
        yield "The database is not up to date"
    if not _answers(_ask_redis):
        yield "Redis does not answer"


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (DatabaseError, RedisError, BehindError):
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    shared.get("readyz")


@cache
def check_migrations() -> None:
    """Raise BehindError while another process has migrations to apply.

    Costly, so remembered once it holds: nobody takes migrations back from a running process.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BehindError
