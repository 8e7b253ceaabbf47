"""Runs inside an Airflow environment's own Python: loads Airflow, then forks a tree per request.

Argument 1 is the unix socket, argument 2 the folder that holds the package `supervisor`. A request
is one JSON line `{configuration, environment, folder, log}`; the answer is `{"pid": …}`.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket
from typing import Any

from . import forked

PR_SET_PDEATHSIG = 1
REAP_SECONDS = 1.0


def main() -> None:
    """Serve until the agent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    path, library = Path(sys.argv[1]), sys.argv[2]
    _load_supervisor(library)
    with forked.loading():
        missing = import_module("astro_runtime.preload").preload()
    print("loaded; passed over:", missing, flush=True)
    if threading.active_count() != 1:
        raise SystemExit(f"a fork needs one thread: {threading.enumerate()}")
    with socket(AF_UNIX, SOCK_STREAM) as door:
        os.umask(0o077)
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        door.bind(str(draft))
        door.listen(16)
        draft.rename(path)
        while True:
            _serve(door)


def _load_supervisor(library: str) -> None:
    """supervisord comes from the console's environment, and nothing else does."""
    sys.path.append(library)
    import_module("deployments.provisioners.local.tree")
    sys.path.remove(library)


def _serve(door: socket) -> None:
    ready, _, _ = select.select([door], [], [], REAP_SECONDS)
    if ready:
        connection, _ = door.accept()
        with connection, suppress(OSError, ValueError, KeyError):
            connection.settimeout(5)
            request = json.loads(connection.makefile("rb").readline())
            child = os.fork()
            if child == 0:
                _become_supervisor(request)
            connection.sendall(json.dumps({"pid": child}).encode() + b"\n")
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_supervisor(request: Mapping[str, Any]) -> None:
    """The forked child: a session of its own, its own log and environment; never returns."""
    code = 1
    try:
        os.setsid()
        _redirect(Path(request["log"]))
        os.closerange(3, 1024)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        os.umask(0o022)
        sys.argv = ["supervisord"]
        gc.freeze()
        import_module("deployments.provisioners.local.tree").supervise(
            Path(request["configuration"])
        )
        code = 0
    finally:
        os._exit(code)


def _redirect(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
