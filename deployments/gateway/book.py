"""Audit rows of the door, written by the event loop itself.

Handing each to a thread and through the ORM cost more than all the rest of a page's way, and so
does `AsyncCursor`: it makes a task and a timer for each wait. So this speaks libpq directly.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
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
_NOTHING = b"{}"


@dataclass(slots=True)
class _Entry:
    values: list[bytes]
    done: asyncio.Future[None]
    was_tried: bool = False


class Book:
    """Rows by one connection of its own, opened at the first; each is a transaction.

    There is no task for a row: it is sent at once, and the answer settles a future.
    """

    def __init__(self) -> None:
        self._line: _Line | None = None
        self._opening: asyncio.Task[None] | None = None
        self._waiting: deque[_Entry] = deque()
        """In the order of asking; the first is the one that the database has."""
        self._drained: asyncio.Future[None] | None = None

    def write(self, row: Row) -> asyncio.Future[None]:
        """Begin at once; done once the row is committed, and begun it goes on without its asker.

        Asks once more on a new connection where the old one turns out dead: such a row may stand
        twice, but never not at all. The future fails with Django's OperationalError.
        """
        timed = row | {"at": timezone.now()}
        values = [_written(timed[name]) for name in _COLUMNS]
        entry = _Entry(values, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if len(self._waiting) == 1:
            self._send_first()
        return entry.done

    async def close(self) -> None:
        """After the rows that are being written."""
        if self._waiting:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained
        self._hang_up()

    def _send_first(self) -> None:
        if self._line is None:
            self._opening = asyncio.create_task(self._open())
        else:
            self._line.ask(_INSERT, self._waiting[0].values)

    async def _open(self) -> None:
        try:
            self._line = _Line(await _connect(), self._answered)
        except psycopg.Error as error:
            while self._waiting:
                self._fail_first(error)
            self._go_on()
        else:
            self._send_first()

    def _answered(self, error: psycopg.Error | None) -> None:
        entry = self._waiting[0]
        if error is None:
            self._waiting.popleft()
            if not entry.done.done():
                entry.done.set_result(None)
        else:
            self._hang_up()  # half an answer must not be taken for that of the next row
            if entry.was_tried:
                self._fail_first(error)
            entry.was_tried = True
        self._go_on()

    def _fail_first(self, error: psycopg.Error) -> None:
        done = self._waiting.popleft().done
        if not done.done():
            done.set_exception(OperationalError(str(error)))

    def _go_on(self) -> None:
        if self._waiting:
            self._send_first()
        elif self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


class _Line:
    """A connection that is read as soon as something arrives; one question at a time."""

    def __init__(
        self,
        connection: psycopg.AsyncConnection[Any],
        answered: Callable[[psycopg.Error | None], None],
    ) -> None:
        self._connection = connection
        self._answered = answered
        self._loop = asyncio.get_running_loop()
        self._alarm: asyncio.TimerHandle | None = None
        self._error: psycopg.Error | None = None
        # Of our own: libpq closes its one when the other side is gone, and the number is anybody's
        self._socket = os.dup(connection.pgconn.socket)
        self._loop.add_reader(self._socket, self._read)

    def ask(self, statement: bytes, values: list[bytes]) -> None:
        """The answer is told to `answered`, also a refusal and a silence, and never from here."""
        self._error = None
        self._alarm = self._loop.call_later(_ANSWER_SECONDS, self._give_up)
        try:
            self._connection.pgconn.send_query_params(statement, values)
            self._flush()
        except psycopg.Error as error:
            self._loop.call_soon(self._settle, error)

    def close(self) -> None:
        self._forget_alarm()
        self._loop.remove_reader(self._socket)
        os.close(self._socket)
        self._connection.pgconn.finish()

    def _flush(self) -> None:
        """A row is far smaller than the socket's buffer, so this hardly ever comes back."""
        if self._connection.pgconn.flush():
            self._loop.call_later(0.001, self._flush)

    def _read(self) -> None:
        pgconn = self._connection.pgconn
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    self._settle(self._error)
                    return
                if result.status != ExecStatus.COMMAND_OK:
                    message = result.error_message.decode(errors="replace")
                    self._error = psycopg.OperationalError(message)
        except psycopg.Error as error:
            self._loop.remove_reader(self._socket)
            self._settle(error)

    def _give_up(self) -> None:
        self._settle(psycopg.OperationalError("the database does not answer"))

    def _settle(self, error: psycopg.Error | None) -> None:
        """Nothing where nobody asked, as when an idle connection is closed from the other side."""
        if self._alarm is not None:
            self._forget_alarm()
            self._answered(error)

    def _forget_alarm(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            alarm.cancel()


async def _connect() -> psycopg.AsyncConnection[Any]:
    given = connections[DEFAULT_DB_ALIAS].get_connection_params()
    wanted = {name: value for name, value in given.items() if name not in _OF_DJANGO}
    wanted.setdefault("connect_timeout", _CONNECT_SECONDS)
    return await psycopg.AsyncConnection.connect(**wanted, autocommit=True)


def _written(value: object) -> bytes:
    """As PostgreSQL reads it: all columns are texts, JSON objects or one moment."""
    if isinstance(value, dict):
        return json.dumps(value).encode() if value else _NOTHING
    return str(value).encode()
