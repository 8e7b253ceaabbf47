"""The console with its door as a real server, a pretended Airflow behind it, browsers before it."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TypeVar
from urllib.parse import urlsplit

import uvicorn
from aiohttp import web

from astro_ui.handler import OneStepHandler
from deployments.gateway.proxy import Gateway
from tests.gateway.upstream import Upstream
from web.client_address import BehindProxies

T = TypeVar("T")
CONSOLE_HOST = "localhost"


def wait_for(check: Callable[[], T], *, seconds: float = 10, what: str = "") -> T:
    """Ask until the answer is true. Fails after the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := check():
            return answer
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    url: str

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers["Location"] or ""


@dataclass
class Browser:
    """Keeps cookies by host as browsers do; every name leads to this machine."""

    port: int
    jar: dict[str, dict[str, str]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        parts = urlsplit(url)
        connection = self._connect(parts.hostname or "")
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            sent = {"Host": parts.netloc, **self._cookies(parts.netloc), **(headers or {})}
            connection.request(method, target, headers=sent, body=body)
            response = connection.getresponse()
            answer = Answer(response.status, response.msg, response.read(), url)
        finally:
            connection.close()
        self._keep(parts.netloc, answer.headers)
        return answer

    def fetch(self, url: str, method: str = "GET", **headers: str) -> Answer:
        """As a script of a page does."""
        return self.request(method, url, headers={"Sec-Fetch-Mode": "cors", **headers})

    def open(self, url: str, *, follow: bool = True) -> Answer:
        """As somebody who clicks: follows redirects, at most ten."""
        for _ in range(10):
            mode = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
            answer = self.request("GET", url, headers=mode)
            if not follow or answer.status not in {301, 302, 303}:
                return answer
            parts = urlsplit(url)
            target = answer.location
            url = f"{parts.scheme}://{parts.netloc}{target}" if target.startswith("/") else target
        raise AssertionError(f"too many redirects: {url}")

    def _connect(self, name: str) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        if self.tls is not None:
            connection.connect()
            connection.sock = self.tls.wrap_socket(connection.sock, server_hostname=name)
        return connection

    def _cookies(self, host: str) -> dict[str, str]:
        held = self.jar.get(_name(host), {})
        return {"Cookie": "; ".join(f"{k}={v}" for k, v in held.items())} if held else {}

    def _keep(self, host: str, headers: http.client.HTTPMessage) -> None:
        for line in headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.jar.setdefault(_name(host), {})[name] = morsel.value


def _name(host: str) -> str:
    return host.partition(":")[0]


class Stage:
    """Everything in one background loop; `close` ends it."""

    def __init__(self, port: int, *, trusted_proxy: str = "") -> None:
        self.port = port
        self.upstream = Upstream()
        self.upstream_port = free_port()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.gateway = Gateway(OneStepHandler())
        config = uvicorn.Config(
            BehindProxies(self.gateway, trusted_proxy.split()),
            port=port,
            proxy_headers=False,
            log_level="warning",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self.run(self._start_upstream())
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve(), self.loop)
        wait_for(lambda: self._server.started, what="the console serves")

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.upstream_port}"

    @property
    def console(self) -> str:
        return f"http://{CONSOLE_HOST}:{self.port}"

    def browser(self) -> Browser:
        return Browser(self.port)

    def run(self, work: Awaitable[T]) -> T:
        async def wrapped() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(wrapped(), self.loop).result(timeout=20)

    def close(self) -> None:
        self._server.should_exit = True
        self._serving.result(timeout=20)
        self.run(self._runner.cleanup())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=10)
        self.loop.close()

    async def _start_upstream(self) -> None:
        self._runner = web.AppRunner(
            self.upstream.application(), handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.upstream_port).start()
