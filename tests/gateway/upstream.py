"""A tiny real web server in the place of an Airflow: it tells what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Upstream:
    """What came through the door, newest last."""

    seen: list[web.Request] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    is_streaming: asyncio.Event = field(default_factory=asyncio.Event)
    uploaded: int = 0

    @property
    def last(self) -> web.Request:
        return self.seen[-1]

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._remember], client_max_size=0)
        app.router.add_get("/cookies", self.cookies)
        app.router.add_get("/moved", self.moved)
        app.router.add_get("/silent", self.silent)
        app.router.add_get("/drip", self.drip)
        app.router.add_get("/cut", self.cut)
        app.router.add_post("/upload", self.upload)
        app.router.add_route("*", "/{rest:.*}", self.hello)
        return app

    async def hello(self, request: web.Request) -> web.Response:
        headers = {"X-Frame-Options": "SAMEORIGIN", "Content-Security-Policy": "frame-ancestors x"}
        return web.Response(text=f"hello {request.raw_path}", headers=headers)

    async def cookies(self, request: web.Request) -> web.Response:
        answer = web.Response(text="ok")
        answer.set_cookie("airflow_session", "s1", domain="localhost", path="/")
        answer.headers.add("Set-Cookie", "astro_ui_session=stolen; Path=/")
        answer.headers.add("Set-Cookie", "astro_airflow=stolen; Path=/")
        return answer

    async def moved(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        port = request.transport.get_extra_info("sockname")[1]
        raise web.HTTPFound(f"http://127.0.0.1:{port}/home?x=1")

    async def silent(self, request: web.Request) -> web.Response:
        self.is_streaming.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.hung_up.append(request.path)
            raise
        return web.Response()

    async def drip(self, request: web.Request) -> web.StreamResponse:
        """One line at once, the next only when the test says so by `/drip/next`."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"first\n")
        while not any(other.path == "/drip/next" for other in self.seen):
            await asyncio.sleep(0.01)
        await answer.write(b"second\n")
        return answer

    async def cut(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return answer

    async def upload(self, request: web.Request) -> web.Response:
        async for chunk in request.content.iter_any():
            self.uploaded += len(chunk)
        return web.Response(text=str(self.uploaded))

    @web.middleware
    async def _remember(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.seen.append(request)
        return await handler(request)
