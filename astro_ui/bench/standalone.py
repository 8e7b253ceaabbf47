"""The stock thing: `airflow standalone` with a fresh home, SQLite and the same environment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings

from astro_ui.bench.browser import Browser
from astro_ui.bench.waiting import until
from astro_ui.embedded.places import free_port

OK = 200


@dataclass(frozen=True)
class Standalone:
    home: Path
    url: str
    headers: Mapping[str, str]
    pid: int
    began: float
    """On the monotonic clock, just before the command."""


@contextmanager
def running(
    files: Mapping[str, str], options: Mapping[str, str] | None = None
) -> Iterator[Standalone]:
    """Run it with these files (`dags/…`); yields when all is healthy and its home page answers."""
    python = next((Path(settings.DATA_DIR) / "cluster/environments").glob("3.3.2-*/bin/python"))
    home = Path(tempfile.mkdtemp(prefix="astro-ui-standalone-"))
    (home / "dags").mkdir()
    for name, text in files.items():
        (home / name).write_text(text, encoding="utf-8")
    url = f"http://localhost:{free_port()}/"
    began = time.monotonic()
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(python), "-m", "airflow", "standalone"],
            env=_environment(python, home, url) | dict(options or {}),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        browser = Browser()
        until(lambda: _is_healthy(browser, url), "standalone becoming healthy")
        until(lambda: browser.open(url).status == OK, "its home page answering")
        token = browser.call("GET", f"{url}auth/token")["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        yield Standalone(home, url, headers, process.pid, began)
    finally:
        _end(process)
        shutil.rmtree(home, ignore_errors=True)


def cpu_of(pid: int) -> float:
    """Processor seconds of a process tree, its ended children included."""
    leader = psutil.Process(pid)
    return sum(_seconds(process) for process in [leader, *leader.children(recursive=True)])


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _environment(python: Path, home: Path, url: str) -> dict[str, str]:
    port = url.rstrip("/").rsplit(":", 1)[1]
    return {
        "PATH": f"{python.parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
    }


def _is_healthy(browser: Browser, url: str) -> bool:
    parts = browser.call("GET", f"{url}api/v2/monitor/health")
    return all(part["status"] == "healthy" for part in parts.values())


def _end(process: subprocess.Popen[bytes]) -> None:
    leader = psutil.Process(process.pid)
    everybody = [leader, *leader.children(recursive=True)]
    os.killpg(process.pid, signal.SIGTERM)
    _, alive = psutil.wait_procs(everybody, timeout=10)
    for each in alive:
        each.kill()
    process.wait()
