"""The console's supervisor: `python -m astro_ui.up.forking supervisord.conf`.

It is supervisord. Once it has loaded Django (see `loading`), web, worker and beat are forked from
it and share that memory. PostgreSQL, Redis and the agent are executed and hold none of it.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.supervisord import Supervisor

from deployments.provisioners.local import forked

AUTOGROUP = Path("/proc/self/autogroup")
FORKED = {"astro_ui.serving", "celery"}
"""Programs `python -m NAME …` that run what was loaded."""
NICENESS = "ASTRO_UI_NICENESS"
"""Tells a new process how far it gives way to others (nice(2))."""


class ForkingOptions(ServerOptions):  # type: ignore[misc]
    """supervisord's settings, where some programs run in the forked child itself."""

    is_loaded = False

    def execve(self, filename: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        os.nice(int(env.get(NICENESS, "0")))
        if self.is_loaded and argv[1] == "-m" and argv[2] in FORKED:
            title = "astro-ui " + env["SUPERVISOR_PROCESS_NAME"]
            forked.run(lambda: _run(argv[2:]), environment=env, title=title)
        os.execve(filename, list(argv), env)  # noqa: S606


GO_FIRST = "-10"
"""Nine times the share of another session."""


def main() -> None:
    """Supervise until a signal ends it."""
    _go_first()
    options = ForkingOptions()
    options.realize(["--nodaemon", "--configuration", sys.argv[1]])
    options.first, options.test = True, False
    with suppress(ExitNow):  # how it says that it has ended in order
        Supervisor(options).main()


def _go_first() -> None:
    """Let console and PostgreSQL have their turn while many Airflows start.

    Linux shares the processor between sessions, and every component of an Airflow has one: ten that
    start would leave a fiftieth to all parts of the console together. Only root may; others and
    kernels that do not share so go on without. Source: sched(7), "The autogroup feature".
    """
    with suppress(OSError):
        AUTOGROUP.write_text(GO_FIRST, encoding="utf-8")


def _run(argv: Sequence[str]) -> None:
    sys.argv[:] = argv
    runpy.run_module(argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
