"""Real syslog receivers: what they took, message by message."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread


@dataclass
class Syslog:
    port: int
    messages: list[bytes] = field(default_factory=list)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Syslog]:
    """By TCP, with frames that say their length."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        syslog = Syslog(server.getsockname()[1])

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    _read(tls.wrap_socket(connection, server_side=True) if tls else connection)

        def _read(connection: socket.socket) -> None:
            with connection, connection.makefile("rb") as stream:
                while length := _length(stream):
                    syslog.messages.append(stream.read(length))

        def _length(stream: object) -> int:
            digits = b""
            while (byte := stream.read(1)) not in {b" ", b""}:  # type: ignore[attr-defined]
                digits += byte
            return int(digits or 0)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield syslog
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def hearing() -> Iterator[socket.socket]:
    """By UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        yield server
