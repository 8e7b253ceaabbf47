"""How the web server enters Django."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

QUICK_AT_ONCE = 2
"""Only one of them can compute; more would take turns so often that all get slower by half."""
LONG_SECONDS = 0.05
"""Who takes longer mostly waits, for an Airflow say, and is in nobody's way: another may begin."""
THREADS = 12
"""So many slow requests the console bears before it makes the others wait."""


class OneStepHandler(ASGIHandler):
    """Middleware and view run in the request's thread, which is entered once.

    Django's own hands a request back to the event loop between synchronous middleware and the
    view, and once more for each hook of a middleware. Views that are coroutines are still awaited
    on the loop, and what they stream is sent from there.
    """

    def __init__(self, threads: ThreadPoolExecutor | None = None) -> None:
        """Requests take turns in the thread of the caller unless they get some of their own."""
        super().__init__()
        self._threads = threads
        self._quick = asyncio.Semaphore(QUICK_AT_ONCE)

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        if self._threads is None:
            return await sync_to_async(self.get_response, thread_sensitive=True)(request)
        step = sync_to_async(self._respond, thread_sensitive=False, executor=self._threads)
        async with _Turn(self._quick):
            return await step(request)

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        """Give the database connection back before the next request takes this thread."""
        try:
            return self.get_response(request)
        finally:
            close_old_connections()


class _Turn:
    """One of the quick requests, until it turns out to be long."""

    def __init__(self, quick: asyncio.Semaphore) -> None:
        self._quick = quick
        self._is_held = False

    async def __aenter__(self) -> None:
        await self._quick.acquire()
        self._is_held = True
        self._alarm = asyncio.get_running_loop().call_later(LONG_SECONDS, self._give_back)

    async def __aexit__(self, *_: object) -> None:
        self._alarm.cancel()
        self._give_back()

    def _give_back(self) -> None:
        if self._is_held:
            self._is_held = False
            self._quick.release()
