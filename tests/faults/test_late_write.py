"""A worker that slept through its lease writes nothing any more, once others went on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from astro_ui.bench.waiting import until
from tests.faults import promises
from tests.faults.late_worker import second_worker
from tests.faults.world import World

pytestmark = [pytest.mark.slow, pytest.mark.matrix]


def test_a_stale_workers_late_write_is_refused(world: World, tmp_path: Path) -> None:
    world.wait_until_whole()
    log = tmp_path / "late.log"
    with second_worker(world, log) as late:
        world.supervisor("stopProcess", "worker")
        os.kill(world.part("agent"), signal.SIGSTOP)  # so that a step takes its time
        deployment_id = world.create()
        until(
            lambda: world.rows.is_leased(deployment_id),
            "the lease of the second worker",
            every=0.02,
        )
        late.suspend()
        assert world.rows.is_leased(deployment_id)
        os.kill(world.part("agent"), signal.SIGCONT)
        world.supervisor("startProcess", "worker")
        world.settle([deployment_id], "HEALTHY")
        world.rest(deployment_id, asleep=True)
        world.settle([deployment_id], "HIBERNATING")
        ended = world.rows.history(deployment_id)

        late.resume()

        refusal = f"Too late for Deployment {deployment_id}"
        until(lambda: refusal in log.read_text(encoding="utf-8"), "a refusal", seconds=60)
        assert world.rows.history(deployment_id) == ended
        promises.one_tree(world, deployment_id, awake=False)
