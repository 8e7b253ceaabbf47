"""What an idle Airflow of each version costs, and the console while none is awake."""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings

from astro_ui.bench import processes
from astro_ui.bench.metric import Metric
from astro_ui.bench.stage import Stage
from astro_ui.bench.waiting import until

NEEDS_CONSOLE = True
RUNTIMES = ("3.3-8", "3.2-10", "3.1-21", "13.11.0")
AIRFLOW_LIMIT_MIB = 850
CONSOLE_LIMIT_MIB = 600
CONSOLE_LIMIT_CORES = 0.05
SETTLE_SECONDS = 20
MEASURED_SECONDS = 20


def run() -> list[Metric]:
    """Local executor, parallelism 4; the console last, with its loaded Airflow still at hand."""
    stage = Stage.set()
    airflows = [_airflow(stage, runtime) for runtime in RUNTIMES]
    up = int(os.environ["ASTRO_UI_BENCH_UP"])
    processes.cores(up, seconds=SETTLE_SECONDS)
    return [
        *airflows,
        Metric(
            "console, no Deployment awake", processes.pss_mib(processes.tree(up)), "MiB",
            limit=CONSOLE_LIMIT_MIB, note=_counts(up),
        ),
        Metric(
            "console, no Deployment awake", processes.cores(up, seconds=MEASURED_SECONDS), "cores",
            limit=CONSOLE_LIMIT_CORES,
        ),
    ]  # fmt: skip


def _airflow(stage: Stage, runtime: str) -> Metric:
    deployment_id = stage.create(f"idle {runtime}", runtime=runtime)
    stage.await_healthy(deployment_id)
    pid = _tree(deployment_id)
    processes.cores(pid, seconds=SETTLE_SECONDS)
    memory = processes.pss_mib(processes.tree(pid))
    stage.delete(deployment_id)
    until(lambda: not Path(f"/proc/{pid}").exists(), "its processes being gone", seconds=30)
    limit = AIRFLOW_LIMIT_MIB if runtime == RUNTIMES[0] else None
    return Metric(f"idle Airflow, runtime {runtime}", memory, "MiB", limit=limit)


def _tree(deployment_id: str) -> int:
    record = Path(settings.DATA_DIR) / "cluster" / "deployments" / deployment_id / "agent.json"
    return int(json.loads(record.read_text(encoding="utf-8"))["tree"]["pid"])


def _counts(up: int) -> str:
    return f"{len(processes.tree(up))} processes, PostgreSQL and Redis included"
