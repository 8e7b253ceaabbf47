"""Create a Deployment until a task of its DAG has started, beside `airflow standalone`."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from astro_ui.bench import standalone
from astro_ui.bench.browser import Browser
from astro_ui.bench.metric import Metric
from astro_ui.bench.stage import Stage, airflow_url
from astro_ui.bench.waiting import until

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
    record = Path(settings.DATA_DIR) / "cluster" / "deployments" / deployment_id / "agent.json"
    return standalone.cpu_of(json.loads(record.read_text(encoding="utf-8"))["tree"]["pid"])


def _standalone(options: dict[str, str]) -> Taken:
    with standalone.running({"dags/one.py": DAG}, options) as stock:
        _start_task(Browser(), stock.url, dict(stock.headers))
        return Taken(time.monotonic() - stock.began, standalone.cpu_of(stock.pid))
