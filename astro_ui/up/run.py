"""The order of a start and of a stop."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from urllib.error import URLError
from urllib.request import urlopen

from astro_ui.embedded import Places, postgres, redis
from astro_ui.up.failure import StartError
from astro_ui.up.logs import Follower
from astro_ui.up.programs import parts, services
from astro_ui.up.site import CHECKOUT, Site, data_directory
from astro_ui.up.supervisor import Halted, Supervisor, end_leftovers
from astro_ui.up.waking import Waker
from deployments.provisioners.local import lifeline

_BYTES_NEEDED = 200_000_000
_LOOK_S = 3.0
PATIENCE_S = 300
"""A machine that wakes many Airflows at once answers late; giving up would stop them all."""
_TITLES = {"postgres": "PostgreSQL", "redis": "Redis"}


def main(arguments: list[str]) -> int:
    """Bring the console up and stay until Ctrl-C or SIGTERM; 0 when it was stopped in order."""
    options = _parser().parse_args(arguments)
    site = Site(Places(data_directory()), options.host, options.port)
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    lifeline.follow(stopping.set)
    try:
        _make_folders(site.places)
        with only_one(site.places):
            while not _serve(site, stopping):
                _say("Starting again")
            return 0
    except (StartError, RuntimeError) as error:
        print(f"\nThe console did not start. {error}", file=sys.stderr)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        print(f"\nThe console did not start: {error.strerror or error}{place}", file=sys.stderr)
        print(f"  See that {site.places.data} can be written and has room.", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="console up", description="Bring the console up.")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", default=8000, type=int, help="the port to listen on (8000)")
    return parser


def _serve(site: Site, stopping: Event) -> bool:
    """Start and stay; False when the supervisor was killed meanwhile."""
    if count := end_leftovers(site):
        _say(f"Ended {count} processes that an earlier start had left")
    _check_port(site)
    if site.brings_postgres:
        postgres.prepare(site.places)
    if site.brings_redis:
        redis.prepare(site.places)
    site.remember()
    shutil.rmtree(site.places.metrics, ignore_errors=True)  # counts begin anew with each start
    site.places.metrics.mkdir(mode=0o700)
    programs = [*parts(site), *services(site)]
    supervisor = Supervisor(site, programs, stopping)
    # What the embedded servers say about themselves stays in their files
    follower = Follower(site.places.logs, [program.name for program in services(site)])
    follower.start()
    try:
        return not _start(site, supervisor, stopping) or _stay(supervisor, stopping)
    finally:
        _end(site, supervisor, follower)


def _end(site: Site, supervisor: Supervisor, follower: Follower) -> None:
    is_orderly = supervisor.is_running()
    if is_orderly:
        _say("Stopping")
        supervisor.stop()
        is_orderly = supervisor.wait()
    follower.stop()
    if not is_orderly:
        end_leftovers(site)
    _say("Stopped")


def _start(site: Site, supervisor: Supervisor, stopping: Event) -> bool:
    """Take the steps in order; False when somebody wanted to stop meanwhile."""
    link: list[str] = []
    steps: list[Callable[[], None]] = [
        supervisor.start,
        lambda: _start_parts(site, supervisor),
        lambda: link.extend(_prepare(site)),
        lambda: _start_services(site, supervisor),
    ]
    for step in steps:
        try:
            step()
        except Halted:
            return False
        if stopping.is_set():
            return False
    _say(f"The console is ready: {site.base_url}")
    if link:
        _say(f"Open this once to set it up: {link[-1]}")
    _say("Ctrl-C stops everything in order")
    return True


def _start_parts(site: Site, supervisor: Supervisor) -> None:
    """Start the embedded servers; the supervisor loads Django meanwhile."""
    for program in parts(site):
        _say(f"Starting {_TITLES[program.name]}")
        supervisor.launch(program.name)
    supervisor.load()
    if site.brings_postgres:
        supervisor.until(lambda: postgres.is_ready(site.places), "PostgreSQL", seconds=PATIENCE_S)
        postgres.create_console_database(site.places)
    if site.brings_redis:
        supervisor.until(lambda: redis.is_ready(site.places), "Redis", seconds=PATIENCE_S)


def _prepare(site: Site) -> list[str]:
    """Migrate and collect static files in a process of its own; its answer is the set-up link."""
    _say("Bringing the database up to date")
    command = [sys.executable, "manage.py", "prepare"]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=site.environment(), stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        print(done.stdout, end="")
        raise StartError("The database could not be brought up to date.", "Read the lines above.")
    return done.stdout.split()


def _start_services(site: Site, supervisor: Supervisor) -> None:
    _say("Starting agent, web, worker and beat")
    for program in services(site):
        supervisor.launch(program.name)
    supervisor.until(lambda: _is_live(site), "The web server", seconds=PATIENCE_S)


def _stay(supervisor: Supervisor, stopping: Event) -> bool:
    """Until somebody wants to stop; False when there is nothing left to stop in order."""
    waker = Waker(supervisor.pid)
    while not stopping.wait(_LOOK_S):
        if not supervisor.is_running():
            _say("The supervisor was killed; ending what it left")
            return False
        for pid in waker.look():
            _say(f"Process {pid} had been stopped; it goes on")
    return True


def _is_live(site: Site) -> bool:
    try:
        with urlopen(f"{site.internal_url}/livez", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _check_port(site: Site) -> None:
    family = socket.AF_INET6 if ":" in site.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((site.host, site.port))
        except OSError as error:
            raise StartError(
                f"Port {site.port} on {site.host} cannot be had: {error.strerror}.",
                "Choose another with --port, or end the program that listens there.",
            ) from error


def _make_folders(places: Places) -> None:
    places.make()
    if not os.access(places.run, os.W_OK):
        raise StartError(f"{places.run} cannot be written.", "Choose a data directory with --data.")
    if shutil.disk_usage(places.data).free < _BYTES_NEEDED:
        raise StartError(
            f"The disk of {places.data} is full.",
            "Free at least 2 GiB, or choose a data directory elsewhere with --data.",
        )


@contextmanager
def only_one(places: Places) -> Iterator[None]:
    """Keep every other `up` off this data directory. Raises StartError while one runs.

    Held by the kernel, so it ends with this process however that ends.
    """
    path = places.run / "up.lock"
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = Path(path).read_text(encoding="utf-8").strip() or "unknown"
            raise StartError(
                f"It runs already on {places.data} (process {holder}).",
                "Stop that one with Ctrl-C, or choose another data directory with --data.",
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _say(text: str) -> None:
    print(f"console: {text}", flush=True)
