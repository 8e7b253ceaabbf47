"""A console under test: started as people start it, watched by its output, ended by signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

from astro_ui.up.site import CHECKOUT
from deployments.provisioners.local import lifeline
from tests.provisioners.cluster import own_ports

SECONDS = 120.0
_FOREIGN = ("DATABASE_URL", "REDIS_URL", "ASTRO_UI_", "DJANGO_")


def clean_environment(data: Path) -> dict[str, str]:
    """As a person's shell: without what this test run set for itself.

    But the ports, which two consoles at one time would choose alike.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    ports = own_ports(18000, 200)
    return {**kept, "ASTRO_UI_DATA": str(data), "ASTRO_UI_AIRFLOW_PORTS": ports}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(is_true: Callable[[], object], what: str) -> None:
    deadline = monotonic() + SECONDS
    while not is_true():
        assert monotonic() < deadline, what
        sleep(0.1)  # between two looks at the condition


def is_live(address: str) -> bool:
    try:
        line = HTTPConnection(address.removeprefix("http://"), timeout=5)
        with closing(line):
            line.request("GET", "/livez")
            return line.getresponse().read() == b"ok"
    except (OSError, HTTPException):
        return False


class Console:
    """`manage.py up` on one data directory."""

    def __init__(self, data: Path, *options: str, **variables: str) -> None:
        data.parent.mkdir(exist_ok=True)
        line, held = lifeline.hold()
        self._log = data.parent / f"{data.name}.{monotonic()}.log"
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", *options],
                cwd=CHECKOUT,
                env={**clean_environment(data), **held, **variables},
                pass_fds=(line,),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_until_ready(self) -> None:
        def is_over() -> bool:
            return "Ctrl-C stops" in self.output or self.process.poll() is not None

        eventually(is_over, "the console is ready")
        assert "Ctrl-C stops" in self.output, self.output

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=SECONDS)

    def wait(self) -> int:
        return self.process.wait(timeout=SECONDS)
