"""supervisord, started, asked and ended."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport

from astro_ui.embedded import leftovers
from astro_ui.embedded.places import write_private
from astro_ui.up.failure import StartError
from astro_ui.up.programs import Program, configuration, control_socket
from astro_ui.up.site import CHECKOUT, Site

_LOOK_S = 0.05
_STOP_S = 240.0
"""Longer than all ordered stops together; only then is anything killed."""


class Halted(Exception):
    """Somebody wants to stop before the start was over."""


class Supervisor:
    def __init__(self, site: Site, programs: list[Program], stopping: Event) -> None:
        self._stopping = stopping
        self._site = site
        self._programs = {program.name: program for program in programs}
        self._socket = control_socket(site.places)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start supervisord with nothing running under it yet."""
        path = _configuration(self._site)
        self._socket.unlink(missing_ok=True)
        write_private(path, configuration(self._site, list(self._programs.values())))
        with (self._site.places.logs / "supervisor.out").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "astro_ui.up.forking", str(path)],
                cwd=CHECKOUT,
                # Titles of its children must spare the mark in their environment
                env=self._site.environment() | {"SPT_NOENV": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal is for us; we stop in order
            )
        self.until(self._socket.exists, "The supervisor", seconds=20)

    def launch(self, name: str) -> None:
        """Start one program; returns at once, supervisord restarts it when it dies."""
        self._call("supervisor.startProcess", name, False)  # noqa: FBT003

    def load(self) -> None:
        """Let it load Django for what is launched next; returns when that is done."""
        self._call("console.load")

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def until(self, is_true: Callable[[], bool], what: str, *, seconds: float) -> None:
        """Look again and again until it is so.

        Raises StartError when that takes too long or the supervisor ends, and Halted when
        somebody wants to stop.
        """
        deadline = monotonic() + seconds
        while not is_true():
            if self._stopping.is_set():
                raise Halted
            if not self.is_running():
                raise StartError("The supervisor ended unexpectedly.", "Run `./console doctor`.")
            if monotonic() > deadline:
                raise StartError(
                    f"{what} does not answer after {seconds:.0f} s.",
                    "Read the lines above, or run `./console doctor`.",
                )
            sleep(_LOOK_S)

    @property
    def pid(self) -> int:
        """Raises StartError before it was started."""
        if self._process is None:
            raise StartError("The supervisor does not run.", "Start again.")
        return self._process.pid

    def stop(self) -> None:
        """Ask for the ordered stop; `finished` tells when it is done."""
        if self.is_running() and self._process:
            self._process.terminate()

    def wait(self) -> bool:
        """Wait for the ordered stop. False when the supervisor did not end by itself."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True

    def _call(self, method: str, *arguments: object) -> object:
        transport = SupervisorTransport(serverurl=f"unix://{self._socket}")
        proxy = ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(proxy, method)(*arguments)
        except (Fault, OSError, http.client.HTTPException) as error:
            raise StartError(
                f"The supervisor refused {method} {' '.join(map(str, arguments))}: {error}",
                f"Read {self._site.places.logs / 'supervisor.log'}.",
            ) from error
        finally:
            transport.close()


def end_leftovers(site: Site) -> int:
    """End what an `up` that was killed left behind; returns how many processes that were.

    The old supervisor first: it stops the rest in order. Where it is gone already, the agent is
    killed: asked to stop it would stop every Airflow, which the next agent takes over running.
    PostgreSQL is ended by its own lock file when it is prepared, since it takes another signal.
    """
    found = [one for one in leftovers.find(str(site.places.data)) if _name(one) != "postgres"]
    old = [one for one in found if str(_configuration(site)) in _command(one)]
    leftovers.end(old, patience_s=_STOP_S)
    for one in found:
        if one.is_running() and _program(one) == "agent":
            one.kill()
    leftovers.end([one for one in found if one not in old and one.is_running()])
    return len(found)


def _configuration(site: Site) -> Path:
    return site.places.run / "supervisord.conf"


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _program(process: psutil.Process) -> str:
    """Under which name a supervisor started it."""
    try:
        return process.environ().get("SUPERVISOR_PROCESS_NAME", "")
    except psutil.Error:
        return ""


def _name(process: psutil.Process) -> str:
    try:
        return Path(process.exe()).name
    except psutil.Error:
        return ""
