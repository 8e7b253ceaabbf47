"""The ASGI application before Django: each Airflow's own address, everything else passed on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from django.db import Error as DatabaseError
from redis import RedisError

from deployments.gateway import answers, journal, passes, signals, standing
from deployments.gateway.addresses import OWN_PATH, Pattern, local_path
from deployments.gateway.answers import Problem, Send
from deployments.gateway.book import Book
from deployments.gateway.decisions import Decision, Verdict
from deployments.gateway.exchange import Exchange, Receive, new_client
from deployments.gateway.inbound import Inbound
from deployments.gateway.recent import Desk, RecentDecisions
from deployments.metrics import DOOR_REQUESTS

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
logger = logging.getLogger(__name__)

UNAVAILABLE = Problem(
    503,
    "The console is not ready",
    "It cannot ask its database who may pass, so nobody does.",
    "Try again in a few seconds. The Airflow itself goes on running.",
    retry_seconds=5,
)


class Gateway:
    """Stands before the console; the console never sees a request that is for an Airflow."""

    def __init__(self, console: Application, pattern: Pattern | None = None) -> None:
        self._console = console
        self._pattern = pattern or Pattern.configured()
        self._desk = Desk()
        self._book = Book()
        self.decisions = RecentDecisions(self._desk)
        self._client: aiohttp.ClientSession | None = None
        self._listener: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        address = self._pattern.match(_host(scope), scope["path"])
        if address is None:
            await self._console(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1003})
        else:
            await self._enter(Inbound(scope, address), receive, send)

    def open(self) -> aiohttp.ClientSession:
        """Begin to listen for changes of rights; at the first request at the latest."""
        if self._client is None:
            self._client = new_client()
            self._listener = asyncio.create_task(signals.listen(self.decisions))
        return self._client

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
        await self._book.close()
        await asyncio.to_thread(self._desk.close)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.open()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _enter(self, request: Inbound, receive: Receive, send: Send) -> None:
        client = self.open()
        try:
            if own := request.address.own(request.path):
                await self._own_page(own, request, send)
                return
            problem, decision = await self._through(client, request, receive, send)
        except (DatabaseError, RedisError):
            logger.exception("The door to %s is shut", request.address.namespace)
            problem, decision = UNAVAILABLE, None
        if problem is answers.SIGNED_OUT and request.is_navigation:
            await _send_to_console(request, request.target, send)
        elif problem is not None:
            await answers.problem(send, request, problem, decision=decision)

    async def _through(
        self, client: aiohttp.ClientSession, request: Inbound, receive: Receive, send: Send
    ) -> tuple[Problem | None, Decision | None]:
        since = self.decisions.drops
        decision = await self.decisions.of(request.asked)
        DOOR_REQUESTS.labels(decision.verdict.value, "console").inc()
        recorded = self._record(request, decision)
        if recorded is not None and not (
            decision.verdict is Verdict.ALLOWED and request.method in journal.READS
        ):
            await recorded
        if decision.verdict is not Verdict.ALLOWED:
            return answers.problem_of(decision), decision
        if request.is_forged:
            return answers.FORGED, decision
        if not request.target.startswith("/"):
            return answers.MISSING, decision
        shut = partial(standing.ends, self.decisions, request.asked, since=since)
        exchange = Exchange(request, receive, send, shut=shut)
        problem = await exchange.run(client, decision, recorded)
        if problem is not None and recorded is not None:
            await recorded
        return problem, decision

    def _record(self, request: Inbound, decision: Decision) -> asyncio.Future[None] | None:
        if not journal.is_recorded(request.method, is_navigation=request.is_navigation):
            return None
        row = journal.entry(
            decision, method=request.method, path=request.path, origin=request.origin
        )
        return self._book.write(row) if row is not None else None

    async def _own_page(self, name: str, request: Inbound, send: Send) -> None:
        if name == "door.css":
            await answers.style(send)
        elif name == "sign-in" and request.method == "GET":
            await self._sign_in(request, send)
        else:
            await answers.problem(send, request, answers.MISSING)

    async def _sign_in(self, request: Inbound, send: Send) -> None:
        """Without a ticket go and fetch one; with one, keep its pass and go where one wanted."""
        query = parse_qs(request.query)
        target = query.get("next", [""])[0]
        ticket = query.get("ticket", [""])[0]
        if not ticket:
            await _send_to_console(request, target, send)
            return
        address = request.address
        state = request.cookies.get(passes.STATE_COOKIE, "")
        granted = await self._desk.ask(
            lambda: passes.redeem(ticket, namespace=address.namespace, state=state)
        )
        if granted is None:
            await answers.problem(send, request, answers.TICKET_REFUSED)
            return
        kept = answers.cookie(passes.COOKIE, passes.seal(granted), address)
        inside = address.base_url + local_path(target, address.base_url)
        await answers.redirect(send, inside, kept)


async def _send_to_console(request: Inbound, target: str, send: Send) -> None:
    """With a state that only this browser knows: a ticket for another one is worthless here."""
    state = request.cookies.get(passes.STATE_COOKIE) or passes.new_state()
    kept = answers.cookie(passes.STATE_COOKIE, state, request.address, path=OWN_PATH)
    where = answers.console_sign_in(request.address, state=state, next=target)
    await answers.redirect(send, where, kept)


def _host(scope: Scope) -> str:
    found = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return str(found.decode("latin-1"))
