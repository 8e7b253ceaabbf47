"""Empty clone to set-up page, on a warm package cache."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from astro_ui.bench.browser import Browser
from astro_ui.bench.metric import Metric
from astro_ui.bench.stage import CHECKOUT
from astro_ui.bench.waiting import until
from astro_ui.embedded.places import free_port

LIMIT_S = 60
_LINK = re.compile(r"http://\S+/setup/\?key=\S+")


def run() -> list[Metric]:
    """`git clone`, `./console up`, and the printed set-up link answers."""
    folder = Path(tempfile.mkdtemp(prefix="astro-ui-clone-"))
    folder.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASTRO_UI_")}
    log = folder / "up.log"
    began = time.monotonic()
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(folder / "clone")], check=True)  # noqa: S607
    with log.open("wb") as output:
        up = subprocess.Popen(
            ["./console", "up", "--port", str(free_port())],
            cwd=folder / "clone",
            env={name: value for name, value in kept.items() if name != "VIRTUAL_ENV"},
            stdout=output,
            stderr=output,
        )
    try:
        link = until(lambda: _LINK.search(log.read_text()), "the set-up link", seconds=300).group()
        until(lambda: Browser().open(link).status == 200, "the set-up page")
        taken = time.monotonic() - began
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(90)
        shutil.rmtree(folder, ignore_errors=True)
    return [Metric("empty clone → set-up page", taken, "s", limit=LIMIT_S)]
