"""No body larger than allowed reaches the console's disk: the web server's first gate.

Django's ASGI handler spools a whole body before any view runs, so the limit must stand before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from api.scim.errors import MEDIA_TYPE
from api.scim.errors import body as scim_error
from deployments.archives import MAXIMUM_UPLOAD_BYTES

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]
"""Django types its own more narrowly than the ASGI specification does."""

_ORDINARY_BYTES = 16 * 1024**2
_FORM_OVERHEAD_BYTES = 32 * 1024**2
"""Headers and paths of ten thousand files in one form."""
_UPLOADS = re.compile(r"^/uploads/|^/deployments/[^/]+/deploys/upload/$")


class _TooLargeError(Exception):
    """More came than was announced or allowed."""


class BodyLimit:
    """Answers 413 by the announced length, or as soon as more than that has come."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        allowed = _allowed(scope["path"])
        if _announced(scope) > allowed:
            await _refuse(scope, send)
            return
        try:
            await self.application(scope, _counted(receive, allowed), send)
        except _TooLargeError:
            await _refuse(scope, send)


def _allowed(path: str) -> int:
    is_upload = _UPLOADS.match(path)
    return MAXIMUM_UPLOAD_BYTES + _FORM_OVERHEAD_BYTES if is_upload else _ORDINARY_BYTES


def _announced(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _counted(receive: Receive, allowed: int) -> Receive:
    taken = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > allowed:
            raise _TooLargeError
        return message

    return counted


async def _refuse(scope: Scope, send: Send) -> None:
    kind, answer = _answer(scope["path"])
    headers = [(b"content-type", kind.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


def _answer(path: str) -> tuple[str, dict[str, Any]]:
    if path.startswith("/scim/"):
        return MEDIA_TYPE, scim_error(413, "The body is larger than 16 MiB. Send it in parts.")
    message = "The body is larger than this address takes. Deploys may have up to 2 GiB."
    return "application/json", {"message": message, "requestId": "", "statusCode": 413}
