"""How the web server enters Django."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from django.utils.module_loading import import_string

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Chain = Callable[[HttpRequest], HttpResponseBase]

QUICK_AT_ONCE = 2
"""Only one of them can compute; more would take turns so often that all get slower by half."""
LONG_SECONDS = 0.05
"""Who takes longer mostly waits, for an Airflow say, and is in nobody's way: another may begin."""
THREADS = 12
"""So many slow requests the console bears before it makes the others wait."""


class OneStepHandler(ASGIHandler):
    """Middleware, view and what Django tells of a request run in a thread, which is entered once.

    Django's own hands a request back to the event loop between synchronous middleware and the
    view, and once more for each hook of a middleware; and it starts a thread for each request to
    say that one began and ended. Views that are coroutines are still awaited on the loop, and what
    they stream is sent from there, until the browser hangs up.
    """

    def __init__(self, threads: ThreadPoolExecutor | None = None) -> None:
        """Requests take turns in the thread of the caller unless they get some of their own."""
        super().__init__()
        self._threads = threads
        self._quick = asyncio.Semaphore(QUICK_AT_ONCE)

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002
        """Two chains around one view: programs carry neither cookies nor messages."""
        super().load_middleware(is_async=False)
        own = cast("Any", self)
        people: Chain = own._middleware_chain
        programs = _around(own._get_response, settings.MACHINE_MIDDLEWARE)

        def chosen(request: HttpRequest) -> HttpResponseBase:
            return (programs if _is_of_program(request) else people)(request)

        self._middleware_chain = chosen

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._threads is None:
            await super().handle(scope, receive, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            request, refusal = self.create_request(scope, body)
            if request is not None:
                await self._answer(request, receive, send)
            elif refusal is not None:
                await self.send_response(refusal, send)

    async def _answer(self, request: ASGIRequest, receive: Receive, send: Send) -> None:
        async with _Turn(self._quick):
            response = await self._in_thread(request)
        if response.streaming:
            await self._stream(response, receive, send)
        else:
            await self.send_response(response, send)

    def _in_thread(self, request: ASGIRequest) -> Awaitable[HttpResponseBase]:
        """Views for programs are no coroutines: theirs need not find back to this loop."""
        if _is_of_program(request):
            loop = asyncio.get_running_loop()
            return loop.run_in_executor(self._threads, self._respond, request)
        step = sync_to_async(self._respond, thread_sensitive=False, executor=self._threads)
        return step(request)

    def _respond(self, request: ASGIRequest) -> HttpResponseBase:
        """Give the database connection back before the next request takes this thread."""
        set_script_prefix(get_script_prefix(request.scope))
        request_started.send(sender=type(self), scope=request.scope)
        try:
            response: HttpResponseBase = self.get_response(request)
            response._handler_class = type(self)  # type: ignore[attr-defined]
            if not response.streaming:
                response.close()  # its content stays
            return response
        finally:
            close_old_connections()

    async def _stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self.send_response(response, send))
        leaving = asyncio.ensure_future(receive())
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()  # nothing where it has ended
            with suppress(asyncio.CancelledError):
                await sending
            await sync_to_async(response.close)()


def _is_of_program(request: HttpRequest) -> bool:
    return request.path_info.startswith(settings.MACHINE_PATHS)


def _around(view: Chain, names: Sequence[str]) -> Chain:
    """The view within these middlewares, the first outermost; each sees answers, not errors."""
    chain: Any = convert_exception_to_response(view)
    for name in reversed(names):
        chain = convert_exception_to_response(import_string(name)(chain))
    return cast("Chain", chain)


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
