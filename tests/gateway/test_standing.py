"""An answer that takes its time ends with the right to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from deployments.gateway import standing
from deployments.gateway.decisions import Asked, Decision, Verdict
from deployments.gateway.recent import Desk, RecentDecisions

WANDA = Asked("calm-comet-0001", pass_value="w")
SHORTER_THAN_ASKING = 10


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk(1)
    yield made
    made.close()


@pytest.mark.asyncio
async def test_a_signal_from_before_anybody_watched_is_heeded(desk: Desk) -> None:
    decisions = RecentDecisions(desk, lambda _: Decision(Verdict.MISSING))
    since = decisions.drops
    decisions.drop()

    await asyncio.wait_for(standing.ends(decisions, WANDA, since=since), SHORTER_THAN_ASKING)


@pytest.mark.asyncio
async def test_a_signal_that_changes_nothing_ends_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "LOOK_SECONDS", 0.01)
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def allow(_: Asked) -> Decision:
        loop.call_soon_threadsafe(asked.set)
        return Decision(Verdict.ALLOWED)

    decisions = RecentDecisions(desk, allow)
    decisions.drop()
    waiting = asyncio.create_task(standing.ends(decisions, WANDA, since=0))
    await asyncio.wait_for(asked.wait(), SHORTER_THAN_ASKING)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(waiting, 0.1)
