"""What the console holds under load: how fast it accepts, hands over, and recovers its queue."""

from __future__ import annotations

import statistics

from astro_ui.bench import flushed, holds_restore, load, processes
from astro_ui.bench.metric import Metric
from astro_ui.bench.stage import Stage

NEEDS_CONSOLE = True
OPERATIONS, CLIENTS = 1_000, 8
ACCEPT_LIMIT_S = 5.0
"""200 operations per second."""
CLICKS = 60
CLICK_LIMIT_MS = 50.0
FLUSH_LIMIT_S = 10.0


def run() -> list[Metric]:
    processes.stand_beside()
    stage = Stage.set()
    load.prepare(stage, OPERATIONS + CLICKS)
    clicks = [load.click(stage, each) for each in load.awake()[:CLICKS]]
    taken = load.hibernate_all(stage, load.awake()[:OPERATIONS], clients=CLIENTS)
    plain, with_flush = flushed.measure(stage)
    return [
        Metric(
            f"{OPERATIONS:,} operations accepted over /v1",
            taken,
            "s",
            limit=ACCEPT_LIMIT_S,
            note=f"{OPERATIONS / taken:.0f} per second, {CLIENTS} clients",
        ),
        Metric(
            "click → worker has it, p95",
            statistics.quantiles(clicks, n=20)[-1],
            "ms",
            limit=CLICK_LIMIT_MS,
            note=f"idle, {CLICKS} clicks, median {statistics.median(clicks):.0f} ms",
        ),
        Metric(
            f"{flushed.COUNT} creates with FLUSHALL in the middle",
            with_flush,
            "s",
            reference=plain,
            reference_name="without",
            limit=plain + FLUSH_LIMIT_S,
        ),
        *holds_restore.run(),
    ]
