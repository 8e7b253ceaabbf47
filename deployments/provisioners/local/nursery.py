"""Processes that have loaded Airflow once, and fork the trees of new Deployments.

A parent holds no secret, no socket to anybody and one thread. It ends with the agent; the trees
that it forked live on.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket
from threading import Lock

from ..base import ProvisionerError

MOST_PARENTS = 2
"""Each costs about 190 MB while nothing was forked from it."""
ANSWER_SECONDS = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parent:
    """What a loaded process is made of; equal ones are shared."""

    python: Path
    plugin_path: Path
    environment: Mapping[str, str] = field(repr=False)

    @property
    def key(self) -> str:
        text = json.dumps([str(self.python), sorted(self.environment.items())])
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def surplus(asked: Sequence[str], in_use: Set[str]) -> list[str]:
    """Which parents to end, of all in the order in which they were last asked for.

    The last one stays for whoever comes next; of the others those whose Deployments are awake, at
    most `MOST_PARENTS` together.
    """
    earlier = asked[:-1]
    used = [key for key in earlier if key in in_use]
    kept = used[-(MOST_PARENTS - 1) :]
    return [key for key in earlier if key not in kept]


class Nursery:
    """Thread-safe; keeps what `surplus` leaves."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        """In the order in which they were last asked for."""
        self._users: dict[str, str] = {}
        """Which parent each Deployment that is awake asked for."""
        self._lock = Lock()

    def warm(self, parent: Parent, *, user: str = "") -> None:
        """Have a parent load in the background, unless it is there; `user` is a Deployment."""
        with self._lock:
            self._reap()
            process = self._running.pop(parent.key, None) or self._start(parent)
            self._running[parent.key] = process
            if user:
                self._users[user] = parent.key
            self._make_room()

    def release(self, user: str) -> None:
        """This Deployment sleeps or is gone, or starts without a parent."""
        with self._lock:
            self._users.pop(user, None)
            self._reap()
            self._make_room()

    def fork(self, parent: Parent, request: Mapping[str, object], *, user: str) -> int | None:
        """The pid of a new tree, or None while no loaded process is ready: start it yourself."""
        self.warm(parent, user=user)
        try:
            with socket(AF_UNIX, SOCK_STREAM) as connection:
                connection.settimeout(ANSWER_SECONDS)
                connection.connect(str(self._socket(parent)))
                connection.sendall(json.dumps(request).encode() + b"\n")
                answer = connection.makefile("rb").readline()
            return int(json.loads(answer)["pid"])
        except (OSError, ValueError, KeyError):
            return None

    def pids(self) -> set[int]:
        """Of the loaded processes."""
        with self._lock:
            return {process.pid for process in self._running.values()}

    def close(self) -> None:
        with self._lock:
            for process in self._running.values():
                _end(process)
            self._running.clear()

    def _start(self, parent: Parent) -> subprocess.Popen[bytes]:
        home = self._run / "nursery"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket(parent).unlink(missing_ok=True)
        root = Path(__file__).parents[3]
        script = "from deployments.provisioners.local.nursery_server import main; main()"
        log.info("loading Airflow of %s", parent.python)
        with (self._run / "nursery" / "log").open("ab") as output:
            return subprocess.Popen(
                [
                    str(parent.python),
                    "-c",
                    script,
                    str(self._socket(parent)),
                    _supervisor_library(),
                ],
                env={**parent.environment, "PYTHONPATH": f"{parent.plugin_path}:{root}"},
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _make_room(self) -> None:
        for key in surplus(list(self._running), set(self._users.values())):
            _end(self._running.pop(key))

    def _reap(self) -> None:
        gone = [key for key, process in self._running.items() if process.poll() is not None]
        for key in gone:
            del self._running[key]

    def _socket(self, parent: Parent) -> Path:
        return self._run / f"nursery-{parent.key}.sock"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(3)
        return
    process.kill()
    process.wait()


def _supervisor_library() -> str:
    """The folder from which a loaded process takes supervisord."""
    found = find_spec("supervisor")
    if found is None or found.origin is None:
        raise ProvisionerError("The package supervisor is not installed.", permanent=True)
    return os.fspath(Path(found.origin).parents[1])
