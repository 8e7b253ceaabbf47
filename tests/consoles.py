"""A real console for a test, as `./console up` starts it on an empty data directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from astro_ui.bench.stage import CHECKOUT, running_console
from astro_ui.bench.waiting import until
from astro_ui.doctor.run import is_up
from tests import environments

_OF_THE_TESTS = ("DATABASE_URL", "REDIS_URL", "ASTRO_UI_CLUSTER_DATABASE_URL")


@contextmanager
def fresh_console() -> Iterator[dict[str, str]]:
    """Started as a stranger would find it: its own PostgreSQL and Redis, nobody set up.

    Yields the environment that leads to it. Only the environments of Airflow are shared.
    """
    with _servers_of_its_own(), running_console() as environment:
        environments.share(Path(environment["ASTRO_UI_DATA"]) / "cluster")
        yield environment


@contextmanager
def restored_console(environment: dict[str, str]) -> Iterator[None]:
    """Back up a running console, stop it, restore elsewhere, and start that in its stead."""
    old = Path(environment["ASTRO_UI_DATA"])
    new, file = old.with_name(f"{old.name}-restored"), old.with_name(f"{old.name}.backup")
    passphrase = old / "run" / "passphrase"
    passphrase.write_text("quiet-harbour-71")
    sealed = (str(file), "--passphrase-file", str(passphrase))
    with _servers_of_its_own():
        try:
            _manage("backup", *sealed, environment=environment)
            os.kill(int(environment["ASTRO_UI_BENCH_UP"]), signal.SIGINT)
            until(lambda: not is_up(old), "the old console's end")
            _manage("restore", *sealed, environment=environment | {"ASTRO_UI_DATA": str(new)})
        finally:
            file.unlink(missing_ok=True)
        environments.share(new / "cluster")
        with running_console(new, port=urlsplit(environment["ASTRO_UI_BASE_URL"]).port or 0):
            yield


@contextmanager
def _servers_of_its_own() -> Iterator[None]:
    outer = {name: os.environ.pop(name, None) for name in _OF_THE_TESTS}
    try:
        yield
    finally:
        os.environ.update({name: value for name, value in outer.items() if value is not None})


def _manage(*arguments: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
