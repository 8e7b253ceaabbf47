"""How the web server enters Django."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

REQUESTS_AT_ONCE = 4
"""Each waits for the database half of its time; more would only take turns."""


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

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        if self._threads is None:
            return await sync_to_async(self.get_response, thread_sensitive=True)(request)
        step = sync_to_async(self._respond, thread_sensitive=False, executor=self._threads)
        return await step(request)

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        """Give the database connection back before the next request takes this thread."""
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
