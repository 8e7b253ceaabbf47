"""Audit rows of the door, written by the event loop itself.

Handing each to a thread and through the ORM cost more than all the rest of a page's way, and so
does `AsyncCursor`: it makes a task and a timer for each wait. So this speaks libpq directly.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.utils import timezone
from psycopg.pq import ExecStatus

from audit.models import AuditRecord
from deployments.gateway.journal import Row

_COLUMNS = [each.attname for each in AuditRecord._meta.concrete_fields if not each.primary_key]
_INSERT = "INSERT INTO {} ({}) VALUES ({})".format(  # noqa: S608 - names of our own
    AuditRecord._meta.db_table,
    ", ".join(_COLUMNS),
    ", ".join(f"${place}" for place in range(1, len(_COLUMNS) + 1)),
).encode()
_OF_DJANGO = frozenset({"context", "cursor_factory"})
"""What Django gives its own connections and an asynchronous one cannot take."""
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 30


class Book:
    """Rows by one connection of its own, opened at the first; each is a transaction."""

    def __init__(self) -> None:
        self._line: _Line | None = None
        self._turn = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()

    def write(self, row: Row) -> asyncio.Future[None]:
        """Begin at once; done once the row is committed, and begun it goes on without its asker.

        Asks once more on a new connection where the old one turns out dead: such a row may stand
        twice, but never not at all. Raises Django's OperationalError.
        """
        task = asyncio.create_task(self._write(row))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return asyncio.shield(task)

    async def close(self) -> None:
        """After the rows that are being written."""
        await asyncio.gather(*self._writing, return_exceptions=True)
        await self._hang_up()

    async def _write(self, row: Row) -> None:
        timed = row | {"at": timezone.now()}
        values = [_written(timed[name]) for name in _COLUMNS]
        async with self._turn:
            try:
                await self._insert(values)
            except psycopg.OperationalError:
                await self._insert_at_last(values)

    async def _insert_at_last(self, values: list[bytes]) -> None:
        try:
            await self._insert(values)
        except psycopg.Error as error:
            raise OperationalError(str(error)) from error

    async def _insert(self, values: list[bytes]) -> None:
        if self._line is None:
            self._line = _Line(await _connect())
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._line.ask(_INSERT, values)
        except BaseException as error:
            await self._hang_up()  # half an answer must not be taken for that of the next row
            if isinstance(error, TimeoutError):
                raise psycopg.OperationalError("the database does not answer") from error
            raise

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()


class _Line:
    """A connection that is read as soon as something arrives; one question at a time."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[None] | None = None
        self._error = ""
        self._socket = connection.pgconn.socket
        self._loop.add_reader(self._socket, self._read)

    async def ask(self, statement: bytes, values: list[bytes]) -> None:
        """Return when it is done. Raises psycopg.OperationalError, also for a refusal."""
        self._answer, self._error = self._loop.create_future(), ""
        self._connection.pgconn.send_query_params(statement, values)
        while self._connection.pgconn.flush():
            await asyncio.sleep(0.001)  # a row is far smaller than the socket's buffer
        await self._answer

    async def close(self) -> None:
        self._loop.remove_reader(self._socket)
        await self._connection.close()

    def _read(self) -> None:
        pgconn = self._connection.pgconn
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    self._settle()
                    return
                if result.status != ExecStatus.COMMAND_OK:
                    self._error = result.error_message.decode(errors="replace")
        except psycopg.Error as error:
            self._loop.remove_reader(self._socket)
            self._error = str(error)
            self._settle()

    def _settle(self) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done():
            return
        if self._error:
            answer.set_exception(psycopg.OperationalError(self._error))
        else:
            answer.set_result(None)


async def _connect() -> psycopg.AsyncConnection[Any]:
    given = connections[DEFAULT_DB_ALIAS].get_connection_params()
    wanted = {name: value for name, value in given.items() if name not in _OF_DJANGO}
    wanted.setdefault("connect_timeout", _CONNECT_SECONDS)
    return await psycopg.AsyncConnection.connect(**wanted, autocommit=True)


def _written(value: object) -> bytes:
    """As PostgreSQL reads it: all columns are texts, JSON objects or one moment."""
    text = json.dumps(value) if isinstance(value, dict) else str(value)
    return text.encode()
