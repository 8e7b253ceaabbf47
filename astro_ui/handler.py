"""How the web server enters Django."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class OneStepHandler(ASGIHandler):
    """Middleware and view run in the request's thread, which is entered once.

    Django's own hands a request back to the event loop between synchronous middleware and the
    view, and once more for each hook of a middleware. Views that are coroutines are still awaited
    on the loop, and what they stream is sent from there.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
