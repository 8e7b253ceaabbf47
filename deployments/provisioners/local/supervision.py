"""Process trees: start, look, restart, end. How they are supervised is known only here.

A tree outlives whoever started it. It is told apart by a `TreeMark` and spoken to on a private
unix socket.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy, Transport

from . import processes, programs
from .door import UnixConnection
from .nursery import Nursery, Parent
from .processes import Mark
from .programs import Program
from .record import TreeMark
from .settings import Place

GROUP = "airflow"
STOP_GRACE_SECONDS = 10
LOG_BYTES = 5_000_000
LOG_BACKUPS = 3
_CONFIGURATION = """\
[unix_http_server]
file = {socket}
chmod = 0600
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisord]
logfile = {folder}/supervisord.log
logfile_maxbytes = 1000000
logfile_backups = 1
silent = true
pidfile = {folder}/pid
childlogdir = {logs}
directory = {folder}
[group:{group}]
programs = {names}
"""
_PROGRAM = """\
[program:{name}]
command = {python} {path}
startsecs = 1
startretries = 20
autorestart = true
stopasgroup = true
killasgroup = true
stopwaitsecs = {grace}
redirect_stderr = true
stdout_logfile = {logs}/{name}.log
stdout_logfile_maxbytes = {log_bytes}
stdout_logfile_backups = {log_backups}
"""


@dataclass(frozen=True)
class ProgramState:
    name: str
    is_running: bool
    detail: str
    restarts: int


class Tree:
    """The process tree of one Deployment."""

    def __init__(self, place: Place, *, environments: Path, nursery: Nursery) -> None:
        self._place = place
        self._nursery = nursery
        self._environments = environments
        self._child: subprocess.Popen[bytes] | None = None

    def start(
        self, programs_to_run: Sequence[Program], *, parent: Parent | None = None
    ) -> TreeMark:
        """Start them all together. Whatever an earlier tree left must be gone (see `end`).

        Forked from `parent` where such a loaded process is ready.
        """
        folder = self._place.supervisor
        programs.forget_lives(folder)
        for program in programs_to_run:
            program.save(folder / f"{program.name}.json")
        configuration = folder / "supervisord.conf"
        names = [program.name for program in programs_to_run]
        configuration.write_text(_configuration(self._place, names), encoding="utf-8")
        self._place.socket.unlink(missing_ok=True)
        request = _request(configuration, self._place)
        if (forked := self._fork(parent, request)) is not None:
            return _mark(forked)
        self._child = _spawn(configuration, self._place, request)
        return _mark(self._child.pid)

    def _fork(self, parent: Parent | None, request: dict[str, Any]) -> int | None:
        if parent:
            return self._nursery.fork(parent, request, user=self._place.deployment_id)
        self._nursery.release(self._place.deployment_id)
        return None

    def states(self, mark: TreeMark) -> list[ProgramState]:
        """Look at each program; raises ConnectionError when the supervisor itself is gone."""
        self._reap()
        if not processes.is_alive(mark.name):
            raise ConnectionError("the supervisor is gone")
        with suppress(OSError, Fault):
            infos: Any = _rpc(self._place.socket).supervisor.getAllProcessInfo()
            return [self._state(info) for info in infos]
        return []

    def revive(self, name: str) -> None:
        """Try a program again that the supervisor gave up."""
        with suppress(OSError, Fault):
            _rpc(self._place.socket).supervisor.startProcess(f"{GROUP}:{name}", False)  # noqa: FBT003

    def end(self, mark: TreeMark | None, *, uid: int) -> bool:
        """End the tree and everything that belongs to the Deployment; True when all is gone."""
        folder = self._place.supervisor
        leaders = (*((mark.name,) if mark else ()), *programs.recorded_lives(folder))
        belongings = Mark(
            self._place.deployment_id, self._place.home, self._environments, uid, leaders
        )
        # Taken before the supervisor ends: with it goes the knowledge who descends from it.
        known = {each.name for each in processes.belonging(belongings)}
        if mark and processes.is_alive(mark.name):
            self._ask_to_end(mark)
        is_gone = processes.end(lambda: processes.belonging(belongings, known), grace=1)
        self._reap()
        self._place.socket.unlink(missing_ok=True)
        return is_gone

    def _ask_to_end(self, mark: TreeMark) -> None:
        """The supervisor ends all programs at once: politely, after a grace by force."""
        with suppress(ProcessLookupError):
            if process := processes.read(mark.pid):
                processes.send(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_GRACE_SECONDS + 5
        while processes.is_alive(mark.name) and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.05)

    def _reap(self) -> None:
        if self._child and self._child.poll() is not None:
            self._child = None

    def _state(self, info: dict[str, Any]) -> ProgramState:
        name = str(info["name"])
        starts = programs.lives(self._place.supervisor / f"{name}.json")
        return ProgramState(
            name=name,
            is_running=info["statename"] in {"RUNNING", "STARTING"},
            detail=str(info["spawnerr"] or info["statename"]).lower(),
            restarts=max(starts - 1, 0),
        )


class _UnixTransport(Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> HTTPConnection:
        return UnixConnection(self._path, timeout=3)


def _rpc(path: Path) -> ServerProxy:
    return ServerProxy("http://localhost", transport=_UnixTransport(path))


def _configuration(place: Place, names: list[str]) -> str:
    values = {
        "socket": place.socket,
        "logs": place.logs,
        "folder": place.supervisor,
        "python": shlex.quote(sys.executable),
    }
    escaped = {key: str(value).replace("%", "%%") for key, value in values.items()}
    numbers = {"grace": STOP_GRACE_SECONDS, "log_bytes": LOG_BYTES, "log_backups": LOG_BACKUPS}
    text = _CONFIGURATION.format(group=GROUP, names=",".join(names), **escaped)
    for name in names:
        path = shlex.quote(f"{escaped['folder']}/{name}.json")
        text += _PROGRAM.format(name=name, path=path, **escaped, **numbers)
    return text


def _request(configuration: Path, place: Place) -> dict[str, Any]:
    """How a supervisor is started, by whichever way."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        **place.marks,
    }
    return {
        "configuration": str(configuration),
        "environment": environment,
        "folder": str(place.supervisor),
        "log": str(place.logs / "supervisor.log"),
    }


def _spawn(configuration: Path, place: Place, request: dict[str, Any]) -> subprocess.Popen[bytes]:
    with (place.logs / "supervisor.log").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "deployments.provisioners.local.tree", str(configuration)],
            env=request["environment"],
            cwd=place.supervisor,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _mark(pid: int) -> TreeMark:
    process = processes.read(pid)
    return TreeMark(pid, process.started if process else 0)
