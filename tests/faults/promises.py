"""What holds after every fault. Each check waits for its condition, and raises when it is late."""

from __future__ import annotations

from pathlib import Path

import psycopg

from astro_ui.bench.waiting import until
from deployments.provisioners.base import Phase
from deployments.provisioners.local import processes
from deployments.provisioners.local.record import Record
from tests.faults import flight
from tests.faults.cells import ENDS, Cell
from tests.faults.listener import Listener
from tests.faults.rows import Row
from tests.faults.world import World
from tests.provisioners.cluster import marked

SURVIVORS_SECONDS = 30.0
"""After the agent is back, nothing that belongs to no present tree lives longer."""
PAGE_SECONDS = 5.0
_SWITCHES = {"deploy", "roll back"}


class BrokenPromise(Exception):
    pass


def end(world: World, cell: Cell, deployment_id: str, *, seconds: float) -> str:
    """Wait until it ends; as wished, or in a failure that names its cause and can be retried.

    Answers how it went: `as wished`, or `after a retry`.
    """
    said = "as wished"
    row = _settled(world, cell, deployment_id, seconds=seconds)
    if row.status != ENDS[cell.operation]:
        if not row.reason:
            raise BrokenPromise(f"it is {row.status} without a reason")
        said = f"after a retry ({row.reason[:80]})"
        until(
            lambda: _is_well(world, cell, deployment_id) or _press(world, deployment_id),
            "a retry",
            seconds=30,
            every=0.5,
        )
        row = _settled(world, cell, deployment_id, seconds=seconds, retried=True)
        if row.status != ENDS[cell.operation]:
            raise BrokenPromise(f"it is {row.status} after a retry: {row.reason}")
    if cell.operation in _SWITCHES and row.active_deploy != row.current_deploy:
        raise BrokenPromise(f"it serves {row.active_deploy}, not {row.current_deploy}")
    return said


def is_over(world: World, cell: Cell, deployment_id: str) -> bool:
    """Has it ended as wished? A step may be shorter than the time between two looks, or skipped."""
    try:
        row = world.rows.of(deployment_id)
    except psycopg.Error:
        return False
    return row.is_settled and row.status == ENDS[cell.operation]


def one_tree(world: World, deployment_id: str, *, awake: bool) -> None:
    """Exactly one tree, or none; nothing that an earlier one left, tasks included."""
    found: list[str] = []

    def look() -> bool:
        found[:] = strangers(world, deployment_id, awake=awake)
        return not found

    try:
        until(look, "an end of strangers", seconds=SURVIVORS_SECONDS, every=0.5)
    except TimeoutError:
        raise BrokenPromise(f"still there after {SURVIVORS_SECONDS} s: {found}") from None


def strangers(world: World, deployment_id: str, *, awake: bool) -> list[str]:
    """Processes of the Deployment that are not of its present tree."""
    place = world.place(deployment_id)
    record = Record.load(place.record)
    running = processes.everything()
    named = marked(deployment_id)
    ours = {
        each.pid for each in running if each.pid in named or (record.uid and each.uid == record.uid)
    }
    tree: set[int] = set()
    if awake:
        if record.tree is None or not processes.is_alive(record.tree.name):
            return ["no supervisor"]
        tree = processes.family({record.tree.pid}, running)
    late = _old_tasks(place.home, place.supervisor / "scheduler.life")
    return [f"{pid} {processes.command(pid)}" for pid in (ours - tree) | late]


def _old_tasks(home: Path, life: Path) -> set[int]:
    """Tasks of an earlier life of the scheduler that still run."""
    words = life.read_text(encoding="utf-8").split() if life.exists() else []
    since = int(words[-1]) if words else 0
    return {pid for pid, began in flight.running(home).items() if began < since}


def page_knows(world: World, deployment_id: str, page: Listener) -> None:
    """An open page shows what there is, without a reload, within seconds of the console's return.

    What a word of the event stream let it see last is what one sees now.
    """
    world.wait_until_whole()
    until(
        lambda: page.shown == world.shown(deployment_id),
        "the truth on the open page",
        seconds=PAGE_SECONDS,
        every=0.3,
    )


def nothing_drags_on(world: World) -> None:
    """Nothing is in progress past its deadline."""
    query = (
        "SELECT id FROM deployments_operation WHERE status = 'RUNNING'"
        " AND deadline < now() + make_interval(secs => %s)"
    )
    if found := world.rows.query(query, world.clock_ahead):
        raise BrokenPromise(f"in progress past the deadline: {found}")


def _settled(
    world: World, cell: Cell, deployment_id: str, *, seconds: float, retried: bool = False
) -> Row:
    """Its row, once it is as wished or has failed for good."""

    def look() -> Row | None:
        try:
            row = world.rows.of(deployment_id)
        except psycopg.Error:
            return None
        if not row.is_settled or row.running_operations:
            return None
        if row.status == ENDS[cell.operation]:
            return row if _agrees(world, deployment_id, row) else None
        return row if row.status == "UNHEALTHY" and _agrees(world, deployment_id, row) else None

    return until(look, f"an end of {cell}", seconds=seconds, every=0.3)


def _agrees(world: World, deployment_id: str, row: Row) -> bool:
    """Does the agent see the same? Right after a fault the row may be the picture from before."""
    phase = world.agent.observe(world.agent.address(deployment_id)).phase
    expected = {
        "HEALTHY": {Phase.RUNNING},
        "HIBERNATING": {Phase.STOPPED},
        "DELETED": {Phase.ABSENT},
    }.get(row.status, {Phase.FAILED, Phase.STOPPED, Phase.ABSENT, Phase.RUNNING, Phase.DEGRADED})
    return phase in expected


def _is_well(world: World, cell: Cell, deployment_id: str) -> bool:
    """The agent goes on by itself after some failures, and then nobody need retry."""
    try:
        return world.rows.of(deployment_id).status == ENDS[cell.operation]
    except psycopg.Error:
        return False


def _press(world: World, deployment_id: str) -> bool:
    world.press_retry(deployment_id)
    return True
