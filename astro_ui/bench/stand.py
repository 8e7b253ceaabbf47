"""A console of its own for one measurement: embedded parts, one web process, a stand-in Airflow.

Nothing of the console at hand is touched. PostgreSQL keeps its promises (fsync on), as in `up`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astro_ui.embedded import Places, cluster_database_url, database_url, postgres, redis, redis_url
from astro_ui.embedded.places import free_port

CHECKOUT = Path(__file__).resolve().parent.parent.parent
_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Stand:
    port: int
    web: subprocess.Popen[bytes]
    upstream: str
    world: dict[str, str]
    """What `astro_ui.bench.stand_in_world` printed: namespace, cookie, identity."""

    @property
    def host(self) -> str:
        return f"{self.world['namespace']}.localhost:{self.port}"


@contextmanager
def stand() -> Iterator[Stand]:
    """Everything up and answering; all of it ends and vanishes afterwards."""
    data = Path(tempfile.mkdtemp(prefix="astro-ui-bench-"))
    data.chmod(0o711)
    places, started = Places(data), []
    places.make()
    log = (data / "bench.log").open("ab")

    def start(argv: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            argv, env=environment, cwd=CHECKOUT, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        started.append(process)
        return process

    try:
        _start_parts(places, lambda argv: start(argv, dict(os.environ)))
        port, inner = free_port(), free_port()
        environment = _environment(places, port)
        _manage(environment, "migrate", "--verbosity", "0")
        upstream = f"http://127.0.0.1:{inner}"
        world = _python(environment, "astro_ui.bench.stand_in_world", upstream)
        start(_server("astro_ui.bench.stand_in_airflow:application", inner), environment)
        web = start(_server("astro_ui.asgi:application", port), environment)
        _await(lambda: _answers(f"{upstream}/api/v2/version"), "the stand-in answers")
        _await(lambda: _answers(f"http://127.0.0.1:{port}/livez"), "the console answers")
        yield Stand(port, web, upstream, json.loads(world))
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=30)
        log.close()
        shutil.rmtree(data, ignore_errors=True)


def _start_parts(places: Places, start: Callable[[list[str]], Any]) -> None:
    postgres.prepare(places)
    start(postgres.command(places))
    redis.prepare(places)
    start(redis.command(places))
    _await(lambda: postgres.is_ready(places), "PostgreSQL answers")
    _await(lambda: redis.is_ready(places), "Redis answers")
    postgres.create_console_database(places)


def _environment(places: Places, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "ASTRO_UI_DATA": str(places.data),
        "ASTRO_UI_BASE_URL": f"http://localhost:{port}",
        "DATABASE_URL": database_url(places.data),
        "ASTRO_UI_CLUSTER_DATABASE_URL": cluster_database_url(places.data),
        "REDIS_URL": redis_url(places.data),
    }


def _server(application: str, port: int) -> list[str]:
    where = ["--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", "uvicorn", application, *where, "--no-access-log"]


def _manage(environment: dict[str, str], *arguments: str) -> None:
    argv = [sys.executable, "manage.py", *arguments]
    subprocess.run(argv, env=environment, cwd=CHECKOUT, check=True)


def _python(environment: dict[str, str], module: str, *arguments: str) -> str:
    argv = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        argv, env=environment, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def _await(check: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {_PATIENCE_SECONDS} s: {what}")
        time.sleep(0.1)
