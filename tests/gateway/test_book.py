"""The door's own audit rows: committed before anybody sees a page, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

import pytest
from django.db import OperationalError, connection
from django.forms.models import model_to_dict
from psycopg.pq import ConnStatus

from access.actor import Actor, Origin
from accounts.models import User
from audit.models import AuditRecord
from deployments.gateway import journal
from deployments.gateway.book import Book
from deployments.gateway.decisions import Decision, Verdict
from deployments.gateway.journal import Row
from deployments.models import Deployment

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = Origin("airflow", "192.0.2.7", "Grüße; \\u0000 'quoted'", "0123456789abcdef")
PATH = "/dags/ä'\\u0000\"<b>"


@pytest.fixture
def allowed(etl: Deployment, wanda: User) -> Decision:
    return Decision(Verdict.ALLOWED, actor=Actor(wanda.principal), deployment=etl)


def entry(decision: Decision, path: str = PATH) -> Row:
    row = journal.entry(decision, method="GET", path=path, origin=ORIGIN)
    assert row is not None
    return row


def with_book(story: Callable[[Book], Awaitable[None]]) -> None:
    async def told() -> None:
        book = Book()
        try:
            await story(book)
        finally:
            await book.close()

    asyncio.run(told())


def paths() -> list[str]:
    return [row.after["path"] for row in AuditRecord.objects.order_by("id")]


def test_a_row_is_the_same_as_the_one_that_the_orm_writes(allowed: Decision) -> None:
    journal.write(allowed, method="GET", path=PATH, origin=ORIGIN)
    with_book(lambda book: book.write(entry(allowed)))

    by_orm, by_book = AuditRecord.objects.order_by("id")
    assert model_to_dict(by_book, exclude=["id"]) == model_to_dict(by_orm, exclude=["id"])
    assert 0 <= (by_book.at - by_orm.at).total_seconds() < 60


def test_rows_of_many_requests_at_once_are_all_written(allowed: Decision) -> None:
    async def story(book: Book) -> None:
        await asyncio.gather(*(book.write(entry(allowed, f"/{n}")) for n in range(20)))

    with_book(story)
    assert paths() == [f"/{n}" for n in range(20)]


def test_a_connection_that_died_is_replaced(allowed: Decision) -> None:
    async def story(book: Book) -> None:
        await book.write(entry(allowed, "/first"))
        await asyncio.to_thread(end_other_connections)
        await book.write(entry(allowed, "/second"))

    with_book(story)
    assert paths() == ["/first", "/second"]


def test_the_number_of_a_dead_connection_may_be_anothers_by_then(allowed: Decision) -> None:
    """The next file that is opened takes it, such as a browser's socket: once each row of a console
    waited for ever, after a restart of PostgreSQL."""

    async def story(book: Book) -> None:
        await book.write(entry(allowed, "/first"))
        line = book._line
        assert line is not None
        number = line._connection.pgconn.socket
        await asyncio.to_thread(end_other_connections)
        while line._connection.pgconn.status == ConnStatus.OK:
            await asyncio.sleep(0.01)  # until the loop has read of its end
        ours, theirs = socket.socketpair()
        with theirs:
            os.dup2(ours.detach(), number)
            other, _ = await asyncio.get_running_loop().create_connection(
                asyncio.Protocol, sock=socket.socket(fileno=number)
            )
            await asyncio.wait_for(book.write(entry(allowed, "/second")), timeout=10)
            other.close()

    with_book(story)
    assert paths() == ["/first", "/second"]


def test_a_row_goes_on_when_its_asker_has_gone(allowed: Decision) -> None:
    async def story(book: Book) -> None:
        asker = asyncio.ensure_future(book.write(entry(allowed, "/left")))
        await asyncio.sleep(0)
        asker.cancel()

    with_book(story)
    assert paths() == ["/left"]


def test_a_row_that_the_database_refuses_is_an_error_and_the_next_one_is_written(
    allowed: Decision,
) -> None:
    async def story(book: Book) -> None:
        refused = entry(allowed) | {"action": "x" * 81}
        with pytest.raises(OperationalError, match="too long"):
            await book.write(refused)
        await book.write(entry(allowed, "/next"))

    with_book(story)
    assert paths() == ["/next"]


def test_while_the_database_is_away_each_row_fails_and_the_next_one_is_written(
    allowed: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(book: Book) -> None:
        with monkeypatch.context() as away:
            away.setitem(connection.settings_dict, "PORT", "1")
            asked = [book.write(entry(allowed, f"/{n}")) for n in range(3)]
            for each in asked:
                with pytest.raises(OperationalError):
                    await each
        await book.write(entry(allowed, "/back"))

    with_book(story)
    assert paths() == ["/back"]


def end_other_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'INSERT INTO audit_%'"
            " AND pid <> pg_backend_pid()"
        )
    connection.close()
