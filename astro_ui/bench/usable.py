"""Create a Deployment until a task of its DAG has started, beside `airflow standalone`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings

from astro_ui.bench.browser import Browser
from astro_ui.bench.metric import Metric
from astro_ui.bench.stage import Stage, airflow_url
from astro_ui.bench.waiting import until
from astro_ui.embedded.places import free_port

NEEDS_CONSOLE = True
PAIRS = 5
RATIO_LIMIT = 0.5
DAG = '''\
"""An airflow dag of one task."""
from airflow.sdk import dag, task


@dag
def one():
    @task
    def hello():
        print("hello")

    hello()


one()
'''
_STARTED = {"running", "success"}


@dataclass(frozen=True)
class Taken:
    wall_s: float
    cpu_s: float


def run() -> list[Metric]:
    """At least five pairs, alternating; medians."""
    stage = Stage.set()
    first = _ours(stage, 0)
    ours: list[Taken] = []
    alike: list[Taken] = []
    stock: list[Taken] = []
    for number in range(1, PAIRS + 1):
        ours.append(_ours(stage, number))
        alike.append(_standalone({"AIRFLOW__CORE__PARALLELISM": "4"}))
        stock.append(_standalone({}))
    return [
        Metric(
            "create → usable", _wall(ours), "s", _wall(alike), "standalone, parallelism 4",
            ratio_limit=RATIO_LIMIT, note=f"median of {PAIRS} pairs",
        ),
        Metric("create → usable, processor time", _cpu(ours), "s", _cpu(alike), "standalone"),
        Metric("beside stock defaults", _wall(ours), "s", _wall(stock), "standalone, stock"),
        Metric("the very first Deployment", first.wall_s, "s", note="builds its environment"),
    ]  # fmt: skip


def _wall(taken: list[Taken]) -> float:
    return statistics.median(each.wall_s for each in taken)


def _cpu(taken: list[Taken]) -> float:
    return statistics.median(each.cpu_s for each in taken)


def _ours(stage: Stage, number: int) -> Taken:
    began = time.monotonic()
    deployment_id = stage.create(f"bench-{number}")
    stage.await_healthy(deployment_id)
    url = airflow_url(deployment_id)
    until(lambda: stage.browser.open(url).status == 200, "Airflow's home page answering")
    stage.deploy(deployment_id, {"dags/one.py": DAG})
    _start_task(stage.browser, url, {"Authorization": f"Bearer {stage.token}"})
    taken = Taken(time.monotonic() - began, _tree_cpu(deployment_id))
    stage.delete(deployment_id)
    return taken


def _start_task(browser: Browser, url: str, headers: dict[str, str]) -> None:
    """Unpause and trigger through Airflow's REST, and wait until the task has started."""
    api = f"{url}api/v2/dags/one"

    def seen() -> bool:
        return bool(browser.call("PATCH", api, {"is_paused": False}, headers))

    until(seen, "the DAG being visible", seconds=60)
    run = browser.call("POST", f"{api}/dagRuns", {"logical_date": None}, headers)

    def started() -> bool:
        path = f"{api}/dagRuns/{run['dag_run_id']}/taskInstances"
        found = browser.call("GET", path, None, headers)["task_instances"]
        return bool(found) and found[0]["state"] in _STARTED

    until(started, "the task starting", seconds=60)


def _tree_cpu(deployment_id: str) -> float:
    """Processor seconds of the Deployment's tree, its ended children included."""
    record = Path(settings.DATA_DIR) / "cluster" / "deployments" / deployment_id / "agent.json"
    tree = json.loads(record.read_text(encoding="utf-8"))["tree"]
    return _cpu_of(tree["pid"] if isinstance(tree, dict) else tree[0])


def _cpu_of(pid: int) -> float:
    leader = psutil.Process(pid)
    total = 0.0
    for process in [leader, *leader.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _standalone(options: dict[str, str]) -> Taken:
    """Airflow's own way: one command, a fresh home, SQLite, the same compiled environment."""
    environments = Path(settings.DATA_DIR) / "cluster" / "environments"
    python = next(environments.glob("3.3.2-*/bin/python"))
    home = Path(tempfile.mkdtemp(prefix="astro-ui-standalone-"))
    (home / "dags").mkdir()
    (home / "dags" / "one.py").write_text(DAG, encoding="utf-8")
    port = free_port()
    url = f"http://localhost:{port}/"
    environment = {
        "PATH": f"{python.parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        **options,
    }
    began = time.monotonic()
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(python), "-m", "airflow", "standalone"],
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        browser = Browser()
        until(lambda: _is_healthy(browser, url), "standalone becoming healthy")
        until(lambda: browser.open(url).status == 200, "its home page answering")
        token = browser.call("GET", f"{url}auth/token")["access_token"]
        _start_task(browser, url, {"Authorization": f"Bearer {token}"})
        return Taken(time.monotonic() - began, _cpu_of(process.pid))
    finally:
        _end_group(process)
        shutil.rmtree(home, ignore_errors=True)


def _is_healthy(browser: Browser, url: str) -> bool:
    parts = browser.call("GET", f"{url}api/v2/monitor/health")
    return all(part["status"] == "healthy" for part in parts.values())


def _end_group(process: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGTERM)
    _, alive = psutil.wait_procs([psutil.Process(process.pid), *children], timeout=10)
    for child in alive:
        child.kill()
    process.wait()
