"""Real PostgreSQL and Redis for a test run: one pair for all xdist workers.

Loaded as a plug-in before Django reads its settings. Where DATABASE_URL or REDIS_URL is set, that
server is used instead.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from astro_ui.embedded import Places, postgres, redis
from astro_ui.embedded.places import free_port, write_private

_started: list[subprocess.Popen[bytes]] = []
_folder: list[Path] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """The earliest hook there is: pytest-django reads the settings right after it.

    Runs in the main process before its workers start; they inherit the variables.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    data = Path(tempfile.mkdtemp(prefix="astro-ui-tests-"))
    data.chmod(0o711)
    _folder.append(data)
    os.environ["ASTRO_UI_DATA"] = str(data)
    places = Places(data)
    places.make()
    (data / "static").mkdir()  # where an installation collects; the live server warns without it
    if not os.environ.get("DATABASE_URL"):
        _start_postgres(places)
    if not os.environ.get("REDIS_URL"):
        _start_redis(places)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    for process in reversed(_started):
        process.send_signal(signal.SIGINT)  # TERM makes PostgreSQL wait for its clients
        process.wait(timeout=30)
    _started.clear()
    for folder in _folder:
        shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(places: Places) -> None:
    write_private(places.run / "postgres_port", str(free_port()))  # parallel runs must not meet
    postgres.prepare(places)
    fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    _launch(postgres.command(places, extra=fast), places, "postgres")
    _wait("PostgreSQL", lambda: postgres.is_ready(places))
    postgres.create_console_database(places)
    os.environ["DATABASE_URL"] = postgres.cluster_database_url(places.data)
    os.environ["ASTRO_UI_CLUSTER_DATABASE_URL"] = postgres.cluster_database_url(places.data)


def _start_redis(places: Places) -> None:
    redis.prepare(places)
    _launch(redis.command(places), places, "redis")
    _wait("Redis", lambda: redis.is_ready(places))
    os.environ["REDIS_URL"] = redis.redis_url(places.data)


def _launch(argv: list[str], places: Places, name: str) -> None:
    log = places.logs / f"{name}.log"
    write_private(log, "")
    with log.open("ab") as output:
        _started.append(subprocess.Popen(argv, stdout=output, stderr=output))


def _wait(name: str, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_ready():
        if time.monotonic() > deadline:
            raise pytest.UsageError(f"{name} did not start within 30 s")
        time.sleep(0.05)  # between two looks at the condition
