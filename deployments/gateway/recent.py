"""Decisions of the last moment, so that the many requests of one page ask the database once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from deployments.gateway.decisions import SIGN_IN, Asked, Decision, decide
from deployments.gateway.grace import Grace

LIFE_SECONDS = 0.8
"""A right that is gone is gone within a second, even when no signal arrives."""
AHEAD_SECONDS = 0.4
"""Answers of this age are still given, and asked for anew aside: who goes on never waits."""
_MOST = 5_000

R = TypeVar("R")


class Desk:
    """Threads for questions to the database: few, and never those that Django's own views use.

    Each keeps its connection, which saves a third of what a question costs.
    """

    def __init__(self, threads: int = 3) -> None:
        self._held: list[BaseDatabaseWrapper] = []
        self._pool = ThreadPoolExecutor(
            threads, thread_name_prefix="gateway", initializer=self._hold
        )

    def ask(self, question: Callable[[], R]) -> asyncio.Future[R]:
        """Ask in a thread; once more where the connection turns out to be dead."""
        return asyncio.get_running_loop().run_in_executor(self._pool, _run, question)

    def close(self) -> None:
        """Wait for what was asked and give the connections back; not from within a loop."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for held in self._held:
            held.close()

    def _hold(self) -> None:
        held = connections[DEFAULT_DB_ALIAS]
        held.inc_thread_sharing()  # `close` runs in another thread, once this one has ended
        self._held.append(held)


def _run(question: Callable[[], R]) -> R:
    try:
        return question()
    except (OperationalError, InterfaceError):
        connections.close_all()
        return question()


@dataclass
class _Entry:
    asked_at: float
    answer: asyncio.Future[Decision]
    is_renewed: bool = False
    """Whether its successor was asked for already."""


class RecentDecisions:
    """Answers from memory for LIFE_SECONDS, counted from before the database was read."""

    def __init__(self, desk: Desk, decide: Callable[[Asked], Decision] = decide) -> None:
        self._desk = desk
        self._decide = decide
        self._entries: dict[Asked, _Entry] = {}
        self._grace = Grace()
        self.drops = 0
        """Grows with each signal, so that who waits for one need not ask the database."""

    async def of(self, asked: Asked) -> Decision:
        """The decision, at most LIFE_SECONDS old; equal questions at one time are asked once."""
        if asked.is_anonymous:
            return SIGN_IN
        loop = asyncio.get_running_loop()
        entry = self._entries.get(asked)
        age = loop.time() - entry.asked_at if entry else 0.0
        if entry is None or age > LIFE_SECONDS:
            entry = self._entries[asked] = self._ask(asked)
            self._make_room()
        elif entry.answer.done() and not entry.answer.cancelled() and not entry.answer.exception():
            if age > AHEAD_SECONDS and not entry.is_renewed:
                self._renew(asked, entry)
            return entry.answer.result()
        try:
            # Shielded: somebody who hangs up must not take the answer from the others
            return await asyncio.shield(entry.answer)
        except Exception as error:
            self._forget(asked, entry)
            is_silent = isinstance(error, OperationalError | InterfaceError)
            last = self._grace.of(asked, loop.time()) if is_silent else None
            if last is None:
                raise
            return last

    def _ask(self, asked: Asked) -> _Entry:
        entry = _Entry(
            asyncio.get_running_loop().time(), self._desk.ask(lambda: self._decide(asked))
        )
        entry.answer.add_done_callback(lambda _: self._remember(asked, entry))
        return entry

    def _remember(self, asked: Asked, entry: _Entry) -> None:
        """For when nobody can be asked; not what a signal has made void meanwhile."""
        answer = entry.answer
        is_current = self._entries.get(asked) is entry
        if is_current and not answer.cancelled() and not answer.exception():
            self._grace.keep(asked, entry.asked_at, answer.result())

    def _renew(self, asked: Asked, entry: _Entry) -> None:
        """Take a successor's place for it once that is there; a signal in between voids both."""
        entry.is_renewed = True
        successor = self._ask(asked)

        def arrived(answer: asyncio.Future[Decision]) -> None:
            is_good = not answer.cancelled() and answer.exception() is None
            if is_good and self._entries.get(asked) is entry:
                self._entries[asked] = successor
                self._remember(asked, successor)

        successor.answer.add_done_callback(arrived)

    def drop(self, *, principal_id: str = "", deployment_id: str = "") -> None:
        """Forget what concerns somebody or something; without either, everything.

        Answers under way are forgotten as well: they may have read the old state.
        """
        self.drops += 1
        self._grace.drop(principal_id=principal_id, deployment_id=deployment_id)
        for asked, entry in list(self._entries.items()):
            answer = entry.answer
            if not answer.done() or answer.cancelled() or answer.exception():
                del self._entries[asked]
                continue
            seen = answer.result()
            is_meant = not (principal_id or deployment_id)
            is_meant |= bool(principal_id) and seen.principal_id == principal_id
            is_meant |= bool(deployment_id) and seen.deployment_id == deployment_id
            if is_meant:
                del self._entries[asked]

    def _forget(self, asked: Asked, entry: _Entry) -> None:
        if self._entries.get(asked) is entry:
            del self._entries[asked]

    def _make_room(self) -> None:
        if len(self._entries) > _MOST:
            oldest = sorted(self._entries, key=lambda asked: self._entries[asked].asked_at)
            for asked in oldest[: _MOST // 2]:
                del self._entries[asked]
