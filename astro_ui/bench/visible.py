"""Finalize a deploy until Airflow's own API shows it, with 100 DAG files, beside stock Airflow."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from astro_ui.bench import standalone
from astro_ui.bench.browser import Browser
from astro_ui.bench.metric import Metric
from astro_ui.bench.stage import Stage, airflow_url
from astro_ui.bench.waiting import until

NEEDS_CONSOLE = True
FILES = 100
DEPLOYS = 30
STOCK_EDITS = 3
LIMIT_S = 2.0
HELPER_LIMIT_S = 15.0
AIRFLOW_2_CHANGED_S = 6.0
AIRFLOW_2_REMOVED_S = 60.0
IDLE_CORES = 0.05
IDLE_SECONDS = 30

_DAG = '''\
"""An airflow dag."""
from {sdk} import DAG
from shared_words import WORD

with DAG("dag_{number}", description="version {version}", schedule=None, tags=[WORD]):
    pass
'''
_HELPER = "WORD = {word!r}\n"
_WHEN_NO_ANSWER = 60.0
Api = Callable[[str], Any]


def run() -> list[Metric]:
    stage = Stage.set()
    return [*_airflow_3(stage), *_airflow_2(stage)]


class Project:
    """100 DAG files and a helper module that all of them use."""

    def __init__(self, sdk: str) -> None:
        self._sdk = sdk
        self.versions = dict.fromkeys(range(FILES), 1)
        self.word = "first"

    def files(self) -> dict[str, str]:
        dags = {
            f"dags/dag_{number}.py": _DAG.format(sdk=self._sdk, number=number, version=version)
            for number, version in self.versions.items()
        }
        return dags | {"dags/shared_words.py": _HELPER.format(word=self.word)}


def _airflow_3(stage: Stage) -> list[Metric]:
    deployment_id = stage.create("visible-3")
    stage.await_healthy(deployment_id)
    project, url = Project("airflow.sdk"), airflow_url(deployment_id)
    stage.deploy(deployment_id, project.files())
    api = _api(stage, f"{url}api/v2")
    until(lambda: len(api("dags?limit=200")["dags"]) == FILES, "all DAGs being visible")
    taken, followed = [], []
    for turn in range(DEPLOYS):
        if turn % 10 == 5:  # the next ones land while 100 files are parsed again
            project.word = f"word {turn}"
            followed.append(_follow_helper(stage, api, deployment_id, project, wait=turn == 5))
        taken.append(_change(stage, api, deployment_id, project, turn))
    _settle(api, project)
    idle = _idle_cores(deployment_id)
    stage.delete(deployment_id)
    stock = _stock()
    return [
        Metric(
            "finalize → visible, p95", _p95(taken), "s", statistics.median(stock), "stock, median",
            limit=LIMIT_S, note=f"{DEPLOYS} deploys, median {statistics.median(taken):.2f} s",
        ),
        Metric("deploys that never showed", _missed(taken), "", limit=0),
        Metric("a changed helper module → every DAG", max(followed), "s", limit=HELPER_LIMIT_S),
        Metric("idle dag-processor", idle, "cores", limit=IDLE_CORES),
    ]  # fmt: skip


def _airflow_2(stage: Stage) -> list[Metric]:
    deployment_id = stage.create("visible-2", runtime="13.11.0")
    stage.await_healthy(deployment_id)
    project, url = Project("airflow"), airflow_url(deployment_id)
    stage.deploy(deployment_id, project.files())
    api = _api(stage, f"{url}api/v1")
    until(lambda: len(api("dags?limit=100")["dags"]) == FILES, "all DAGs being visible")
    changed = [_change(stage, api, deployment_id, project, turn) for turn in range(5)]
    del project.versions[FILES - 1]
    began = time.monotonic()
    stage.deploy(deployment_id, project.files())
    until(
        lambda: api("dags?limit=100&only_active=true")["total_entries"] == FILES - 1,
        "the removed DAG being gone", seconds=120,
    )  # fmt: skip
    removed = time.monotonic() - began
    stage.delete(deployment_id)
    return [
        Metric("Airflow 2: changed → visible", max(changed), "s", limit=AIRFLOW_2_CHANGED_S),
        Metric("Airflow 2: removed → gone", removed, "s", limit=AIRFLOW_2_REMOVED_S),
    ]


def _api(stage: Stage, base: str) -> Api:
    headers = {"Authorization": f"Bearer {stage.token}"}
    return lambda path: stage.browser.call("GET", f"{base}/{path}", None, headers)


def _change(
    stage: Stage, api: Api, deployment_id: str, project: Project,
    turn: int,
) -> float:  # fmt: skip
    """Deploy one changed file; seconds from the answered finalize until Airflow shows it."""
    number = (turn * 7) % (FILES - 1)
    project.versions[number] += 1
    wanted = f"version {project.versions[number]}"
    stage.deploy(deployment_id, project.files())
    began = time.monotonic()
    try:
        until(
            lambda: api(f"dags/dag_{number}")["description"] == wanted, "the change being visible",
            seconds=_WHEN_NO_ANSWER, every=0.02,
        )  # fmt: skip
    except TimeoutError:
        return _WHEN_NO_ANSWER
    return time.monotonic() - began


def _follow_helper(
    stage: Stage, api: Api, deployment_id: str, project: Project,
    *, wait: bool,
) -> float:  # fmt: skip
    began = time.monotonic()
    stage.deploy(deployment_id, project.files())
    if not wait:
        return 0.0
    _settle(api, project)
    return time.monotonic() - began


def _settle(api: Api, project: Project) -> None:
    def all_follow() -> bool:
        found = api("dags?limit=200")["dags"]
        return all(tag["name"] == project.word for dag in found for tag in dag["tags"])

    until(all_follow, "every DAG following the helper", seconds=60)


def _idle_cores(deployment_id: str) -> float:
    record = Path(settings.DATA_DIR) / "cluster" / "deployments" / deployment_id / "agent.json"
    tree = psutil.Process(json.loads(record.read_text(encoding="utf-8"))["tree"]["pid"])
    [processor] = [each for each in tree.children() if "dag-processor" in " ".join(each.cmdline())]
    before = standalone.cpu_of(processor.pid)
    time.sleep(IDLE_SECONDS)  # the measured time itself
    return (standalone.cpu_of(processor.pid) - before) / IDLE_SECONDS


def _stock() -> list[float]:
    """Edits of one of the same 100 files under `airflow standalone` with its own defaults."""
    project = Project("airflow.sdk")
    with standalone.running(project.files()) as stock:
        browser = Browser()

        def api(path: str) -> Any:
            return browser.call("GET", f"{stock.url}api/v2/{path}", None, dict(stock.headers))

        until(lambda: len(api("dags?limit=200")["dags"]) == FILES, "stock showing all DAGs")
        return [_edit(stock.home, api, project, number) for number in range(STOCK_EDITS)]


def _edit(home: Path, api: Api, project: Project, number: int) -> float:
    project.versions[number] += 1
    (home / f"dags/dag_{number}.py").write_text(project.files()[f"dags/dag_{number}.py"])
    began = time.monotonic()
    wanted = f"version {project.versions[number]}"
    until(
        lambda: api(f"dags/dag_{number}")["description"] == wanted, "stock showing an edit",
        seconds=400, every=0.1,
    )  # fmt: skip
    return time.monotonic() - began


def _missed(taken: list[float]) -> int:
    return sum(each >= _WHEN_NO_ANSWER for each in taken)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
