"""One web process of several that share an address: `python -m astro_ui.serving HOST PORT`.

Each listens for itself, and the kernel spreads new connections over them (SO_REUSEPORT, socket(7)):
so none of them is a parent whose death would end the others.
"""

from __future__ import annotations

import gc
import socket
import sys

import uvicorn

from web import events

_RARELY = (20_000, 20, 100)
"""What a request makes is gone with it; to look for circles among it every 700 objects, as Python
does of itself, takes a tenth of a request's time."""


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    gc.set_threshold(*_RARELY)
    with listening(host, port) as shared:
        Server(configuration()).run(sockets=[shared])


class Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End event streams first, which would last until they are cut off."""
        events.end_streams()
        await super().shutdown(sockets)


def configuration() -> uvicorn.Config:
    return uvicorn.Config(
        "astro_ui.asgi:application",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who the client is says `web.client_address`, behind any server
        lifespan="on",
        timeout_graceful_shutdown=3,
    )


def listening(host: str, port: int) -> socket.socket:
    """A socket at an address that other processes of this user may take as well."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    shared = socket.socket(family)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shared.bind((host, port))
    return shared


if __name__ == "__main__":
    main()
