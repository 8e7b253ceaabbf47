"""A worker of the console beside its own; ends with the test that started it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from astro_ui.up.site import CHECKOUT
from deployments.provisioners.local import lifeline
from tests.faults.world import World

_WORKER = ("-A", "astro_ui.celery", "worker", "--pool", "threads", "--concurrency", "2")
_QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@contextmanager
def second_worker(world: World, log: Path) -> Iterator[psutil.Process]:
    line, held = lifeline.hold()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.late_worker"],
            cwd=CHECKOUT,
            env=world.environment | held,
            pass_fds=(line,),
            stdout=output,
            stderr=output,
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    from celery.__main__ import main

    lifeline.follow(lambda: os._exit(1))
    sys.argv = ["celery", *_WORKER, *_QUIET]
    main()
