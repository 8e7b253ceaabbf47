"""A hundred creates at once, while somebody empties the queue's Redis.

The components are the light stand-in of the tests, under the real agent: what is measured is the
console. It takes the place of the console's own agent for that time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xmlrpc.client import ServerProxy

from astro_ui.bench.stage import CHECKOUT, Stage
from astro_ui.bench.waiting import until

COUNT = 100
PATIENCE_SECONDS = 1_200
_STAND_IN = "tests.provisioners.standin.agent"


def measure(stage: Stage) -> tuple[float, float]:
    """Seconds until all are healthy, without and with FLUSHALL once a third of them is."""
    with _stand_in_agent():
        _create(stage, "warm", 1)  # makes the template
        plain = _create(stage, "plain", COUNT)
        _delete_all(stage)
        return plain, _create(stage, "flushed", COUNT, is_flushed=True)


def _create(stage: Stage, name: str, count: int, *, is_flushed: bool = False) -> float:
    from deployments.models import Deployment

    began = time.monotonic()
    made = [stage.create(f"{name} {number}") for number in range(count)]
    healthy = Deployment.objects.filter(pk__in=made, status="HEALTHY", is_settled=True)
    if is_flushed:
        until(lambda: healthy.count() >= count // 3, "a third healthy", seconds=PATIENCE_SECONDS)
        _flush()
    until(lambda: healthy.count() == count, "all healthy", seconds=PATIENCE_SECONDS, every=0.2)
    return time.monotonic() - began


def _delete_all(stage: Stage) -> None:
    """At once, and wait: the next round is to find the machine as this one did."""
    from access.actor import system
    from deployments import services
    from deployments.models import Deployment

    rows = Deployment.objects.filter(workspace=stage.workspace_id, cluster__name="local")
    for row in rows:
        services.delete(row, typed_name=row.name, actor=system("bench"))
    left = rows.exclude(status="DELETED")
    until(lambda: not left.exists(), "all deleted", seconds=PATIENCE_SECONDS, every=0.2)


def _flush() -> None:
    import redis
    from django.conf import settings

    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.flushall()


@contextmanager
def _stand_in_agent() -> Iterator[None]:
    """The console's own agent is stopped first: only one may keep a cluster."""
    from django.conf import settings

    from astro_ui.embedded import cluster_database_url

    _supervisor("supervisor.stopProcess", "agent")
    environment = {
        **os.environ,
        "ASTRO_UI_DATA": str(settings.DATA_DIR),
        "ASTRO_UI_AGENT_SOCKET": str(settings.AGENT_SOCKET),
        "ASTRO_UI_CLUSTER_DATABASE_URL": cluster_database_url(settings.DATA_DIR),
    }
    with (Path(settings.DATA_DIR) / "logs/stand-in.log").open("wb") as log:
        agent = subprocess.Popen(
            [sys.executable, "-m", _STAND_IN], env=environment, cwd=CHECKOUT, stdout=log, stderr=log
        )
    try:
        until(settings.AGENT_SOCKET.exists, "the stand-in agent answering")
        yield
    finally:
        agent.send_signal(signal.SIGTERM)
        agent.wait(300)


def _supervisor(method: str, *arguments: str) -> None:
    from django.conf import settings
    from supervisor.xmlrpc import SupervisorTransport

    from astro_ui.embedded import Places
    from astro_ui.up.programs import control_socket

    transport = SupervisorTransport(serverurl=f"unix://{control_socket(Places(settings.DATA_DIR))}")
    proxy = ServerProxy("http://127.0.0.1", transport=transport)
    getattr(proxy, method)(*arguments)
