"""scim2-server, the reference implementation, as it is installed by its name for one measurement.

It keeps everything in memory, checks no right, writes no log and answers one request at a time: a
measure of what the protocol costs in Python, not of what an identity provider needs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from astro_ui.bench.browser import Browser
from astro_ui.bench.scim_load import Client
from astro_ui.bench.waiting import until
from astro_ui.embedded.places import free_port

PACKAGE = "scim2-server==0.8.3"
_PATIENCE_SECONDS = 180


@contextmanager
def running() -> Iterator[Callable[[], Client] | None]:
    """Yields what connects to it, or None where it cannot be had here."""
    with tempfile.TemporaryDirectory(prefix="astro-ui-scim2-") as folder:
        program = _install(Path(folder))
        if program is None:
            yield None
            return
        port = free_port()
        server = subprocess.Popen(
            [program, "--hostname", "127.0.0.1", "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        base = f"http://127.0.0.1:{port}/v2"
        try:
            until(
                lambda: Browser().ask("GET", f"{base}/ServiceProviderConfig").status == 200,
                "the reference server answering",
            )
            yield lambda: Client(base, {})
        finally:
            server.terminate()
            server.wait(30)


def _install(folder: Path) -> str | None:
    uv = Path(sys.executable).parent / "uv"
    steps = (
        [str(uv), "venv", "--quiet", "--python", sys.executable, str(folder / "venv")],
        [str(uv), "pip", "install", "--quiet", "--python", str(folder / "venv"), PACKAGE],
    )
    for step in steps:
        try:
            done = subprocess.run(step, capture_output=True, timeout=_PATIENCE_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode:
            return None
    return str(folder / "venv/bin/scim2-server")
