"""The supervisor of one Deployment's process tree: `python -m … supervisord.conf`.

It is supervisord, with two changes. A child becomes its program by reading one private file, so
that no secret stands in a command or a shared environment. And whatever a component leaves behind
becomes a child of this process, instead of the machine's first one, so that it can be found.

Forked from a process that has loaded Airflow (see `nursery`), it starts Airflow's components by
forking once more instead of executing a program.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.supervisord import Supervisor

from . import forked, programs

PR_SET_CHILD_SUBREAPER = 36
PRELOADED = "astro_runtime.preload"
AIRFLOW = ("-m", "airflow")
OURS = {"deployments", "supervisor"}
ROOT = Path(__file__).parents[3]


class TreeOptions(ServerOptions):  # type: ignore[misc]
    """supervisord's settings, where a program's command names the file that describes it."""

    def setpgrp(self) -> None:
        """A session for each component, not just a group.

        Airflow 2 sends SIGTTIN to a gunicorn that may not handle it yet; in a group of this
        session that would stop it for ever.
        """
        os.setsid()

    def execve(self, filename: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        program = programs.become(Path(argv[1]), siblings=set(self.pidhistory))
        if PRELOADED in sys.modules and program.argv[1:3] == AIRFLOW:
            _run_preloaded(program)
        programs.execute(program)


def _run_preloaded(program: programs.Program) -> None:
    """Become an Airflow component without loading Airflow again; never returns."""
    preload = sys.modules[PRELOADED]
    for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
        del sys.modules[name]
    sys.path[:] = [path for path in sys.path if path != str(ROOT)]
    environment = programs.environment_of(program)
    argv = program.argv[3:]
    forked.run(lambda: preload.become(argv), environment=environment, title=f"airflow {argv[0]}")


def supervise(configuration: Path) -> None:
    """Run the tree until a signal ends it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    options = TreeOptions()
    options.realize(["--nodaemon", "--configuration", str(configuration)])
    options.first, options.test = True, False
    with suppress(ExitNow):  # how it says that it has ended in order
        Supervisor(options).main()


if __name__ == "__main__":
    supervise(Path(sys.argv[1]))
