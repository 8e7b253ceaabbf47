"""The agent's door: JSON over HTTP/1.1 on a private unix socket, and the client's side of it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import AF_UNIX, socket
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

from ..base import ProvisionerError

log = logging.getLogger(__name__)

BODY_LIMIT = 5_000_000
Answer = Callable[[str, str, Any], Iterator[Any] | Mapping[str, Any]]
"""From method, path and body to one JSON object, or to many of them as lines."""


class Door(ThreadingMixIn, UnixStreamServer):
    """Serves `answer` to processes of the same user; ProvisionerError becomes a 409."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: Path, answer: Answer) -> None:
        self.answer = answer
        path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            super().__init__(str(path), _Handler)
        finally:
            os.umask(before)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("a client went away", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: Door

    def do_GET(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        log.debug(format, *args)

    def address_string(self) -> str:
        return "local"

    def _serve(self) -> None:
        status, text = 200, ""
        try:
            size = min(int(self.headers.get("Content-Length") or 0), BODY_LIMIT)
            body = json.loads(self.rfile.read(size)) if size else None
            text = _text(self.server.answer(self.command, self.path, body))
        except ProvisionerError as error:
            status, text = 409, _error(error)
        except Exception as error:
            log.exception("%s %s broke", self.command, self.path)
            status, text = 500, _error(ProvisionerError(f"The local agent broke: {error!r}"[:500]))
        self._send(status, text.encode())

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class UnixConnection(HTTPConnection):
    """HTTP to a unix socket."""

    def __init__(self, path: Path, *, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(path: Path, method: str, target: str, body: Any = None, *, timeout: float) -> Any:
    """Ask the agent; the answer's lines, decoded.

    Raises ConnectionError when it is silent and ProvisionerError when it refuses.
    """
    connection = UnixConnection(path, timeout=timeout)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, target, content)
        response = connection.getresponse()
        text = response.read().decode()
    except (OSError, HTTPException) as error:
        raise ConnectionError(f"The local agent does not answer: {error}") from error
    finally:
        connection.close()
    return _judge(response, text)


def _judge(response: HTTPResponse, text: str) -> list[Any]:
    lines = [json.loads(line) for line in text.splitlines() if line]
    if response.status == 200:
        return lines
    fault = lines[0]
    raise ProvisionerError(fault["cause"], remedy=fault["remedy"], permanent=fault["permanent"])


def _text(answer: Iterator[Any] | Mapping[str, Any]) -> str:
    rows = [answer] if isinstance(answer, Mapping) else answer
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def _error(error: ProvisionerError) -> str:
    return json.dumps({"cause": error.cause, "remedy": error.remedy, "permanent": error.permanent})
