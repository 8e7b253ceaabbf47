"""The supervisor of one Deployment's process tree: `python -m … supervisord.conf`.

It is supervisord, with two changes. A child becomes its program by reading one private file, so
that no secret stands in a command or a shared environment. And whatever a component leaves behind
becomes a child of this process, instead of the machine's first one, so that it can be found.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.supervisord import Supervisor

from . import programs

PR_SET_CHILD_SUBREAPER = 36


class TreeOptions(ServerOptions):  # type: ignore[misc]
    """supervisord's settings, where a program's command names the file that describes it."""

    def execve(self, filename: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        programs.execute(programs.become(Path(argv[1])))


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
