"""Real HTTP servers on this machine for what the console sends out."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Arrived:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Listener:
    """What arrived, and how each path is answered; an unknown one with 200 and `ok`."""

    host: str
    port: int = 0
    arrived: list[Arrived] = field(default_factory=list)
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def redirects(self, path: str, to: str, status: int = 302) -> None:
        self.answers[path] = lambda handler: reply(handler, status, Location=to)

    def fails(self, path: str, status: int = 503) -> None:
        self.answers[path] = lambda handler: reply(handler, status)


def reply(
    handler: BaseHTTPRequestHandler, status: int = 200, body: bytes = b"ok", /, **headers: str
) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def listening(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Listener]:
    listener = Listener(host)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            arrived = Arrived(self.command, self.path, dict(self.headers.items()), body)
            listener.arrived.append(arrived)
            listener.answers.get(self.path, reply)(self)

        do_POST = do_GET  # noqa: N815 - as http.server calls it

        def log_message(self, *_: Any) -> None:
            """Tests print nothing."""

    with ThreadingHTTPServer((host, 0), Handler) as server:
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        listener.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()
