"""One request through to an Airflow and its answer back, both streamed and nothing kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
from yarl import URL

from deployments.gateway import answers, headers
from deployments.gateway.answers import Problem, Send
from deployments.gateway.decisions import Decision, is_there
from deployments.gateway.inbound import Inbound

Receive = Callable[[], Awaitable[dict[str, Any]]]
Shut = Callable[[], Awaitable[None]]
logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5
SILENCE_SECONDS = 300
"""How long an Airflow may say nothing in the middle of an answer."""
_UNWATCHED_SECONDS = 0.2
"""Most answers are out by then, also those of a busy Airflow; to watch browser and rights costs
two tasks for each. With `standing.LOOK_SECONDS` it is below the second that a right may live."""
_IDLE_CONNECTION_SECONDS = 3
"""Shorter than Airflow's own 5 s, so that no request goes into a connection about to close."""
_CONNECTIONS_PER_AIRFLOW = 200
_WIDEST_HEADER = 64 * 1024
_BUFFER = 256 * 1024


def new_client() -> aiohttp.ClientSession:
    """Connections to all Airflows; no cookies of its own, no decoding, no following."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,
            limit_per_host=_CONNECTIONS_PER_AIRFLOW,
            keepalive_timeout=_IDLE_CONNECTION_SECONDS,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        read_bufsize=_BUFFER,
        max_line_size=_WIDEST_HEADER,
        max_field_size=_WIDEST_HEADER,
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS
        ),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )


class Exchange:
    def __init__(self, request: Inbound, receive: Receive, send: Send, *, shut: Shut) -> None:
        """`shut` returns when who was let in is so no more: then the answer is cut off."""
        self.request = request
        self._shut = shut
        self._receive = receive
        self._send = send
        self._is_gone = False
        self._is_done = False
        self._is_answering = False
        self._is_read = asyncio.Event()
        self._watching: list[asyncio.Task[None]] = []

    async def run(
        self, client: aiohttp.ClientSession, decision: Decision, recorded: Awaitable[None] | None
    ) -> Problem | None:
        """Pass everything; what could not be passed is answered as a Problem to show.

        The first byte back waits for `recorded`: without its audit row nobody sees a page. When
        the browser hangs up, so do we.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        soon = asyncio.get_running_loop().call_later(_UNWATCHED_SECONDS, self._watch, task)
        try:
            return await self._pass(client, decision, recorded)
        except asyncio.CancelledError:
            if not self._is_gone:
                raise
            task.uncancel()
            return None
        finally:
            self._is_done = True
            soon.cancel()
            for each in self._watching:
                each.cancel()

    def _watch(self, task: asyncio.Task[Any]) -> None:
        for wait in (self._wait_for_hang_up, self._wait_for_shut):
            watching = asyncio.create_task(wait())
            watching.add_done_callback(lambda _: None if self._is_done else task.cancel())
            self._watching.append(watching)

    async def _pass(
        self, client: aiohttp.ClientSession, decision: Decision, recorded: Awaitable[None] | None
    ) -> Problem | None:
        if not self.request.has_body:
            self._is_read.set()
        # Asked again for each request: a decision is kept for a while, and sockets change hands
        if decision.deployment is None or not is_there(decision.deployment):
            return answers.STARTING
        try:
            async with client.request(
                self.request.method,
                URL(decision.endpoint + self.request.target, encoded=True),
                headers=headers.to_airflow(self.request, decision.authorization),
                data=self._body() if self.request.has_body else None,
                allow_redirects=False,
            ) as response:
                if recorded is not None:
                    await recorded
                await self._answer(response, decision.endpoint)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return self._problem(error)
        return None

    async def _answer(self, response: aiohttp.ClientResponse, endpoint: str) -> None:
        self._is_answering = True
        kept = list(headers.to_browser(response.raw_headers, self.request, endpoint))
        start = {"type": "http.response.start", "status": response.status, "headers": kept}
        await self._send(start)
        async for chunk in response.content.iter_any():
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        self._is_done = True
        await self._send({"type": "http.response.body", "body": b""})

    def _problem(self, error: Exception) -> Problem | None:
        """None where nobody listens any more or half an answer is out: then the server cuts it."""
        if self._is_gone:
            return None
        if self._is_answering:
            logger.warning("%s broke off: %s", self.request.address.namespace, error)
            return None
        match error:
            case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
                return answers.STARTING
            case TimeoutError():
                return answers.TOO_SLOW
            case _:
                return answers.NO_ANSWER

    async def _body(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._is_gone = True
                raise ConnectionResetError("the browser hung up")
            if chunk := message.get("body"):
                yield chunk
            if not message.get("more_body"):
                self._is_read.set()
                return

    async def _wait_for_hang_up(self) -> None:
        """Only once the body is read: both come through the same `receive`."""
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._is_gone = not self._is_done

    async def _wait_for_shut(self) -> None:
        await self._shut()
        self._is_gone = not self._is_done
