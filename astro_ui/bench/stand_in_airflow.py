"""An ASGI application with the sizes of Airflow 3's answers and nothing of its work."""

from __future__ import annotations

from typing import Any

SIZES = {
    "/": ("text/html", 2_000),
    "/api/v2/version": ("application/json", 60),
    "/api/v2/dags": ("application/json", 40_000),
    "/static/main.js": ("text/javascript", 7_100_000),
}
"""Path → type and bytes, as measured on Airflow 3.3.2."""

_BODIES = {path: b"x" * size for path, (_, size) in SIZES.items()}


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    kind, size = SIZES.get(scope["path"], ("text/plain", 0))
    headers = [(b"content-type", kind.encode()), (b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODIES.get(scope["path"], b"")})
