"""Whether who was let in still is, while an answer takes its time: a log that is followed, say."""

from __future__ import annotations

import asyncio

from django.db import Error as DatabaseError
from redis import RedisError

from deployments.gateway.decisions import Asked, Verdict
from deployments.gateway.recent import RecentDecisions

LOOK_SECONDS = 0.25
"""How often it is seen whether anything was forgotten; that asks nobody."""
ASK_SECONDS = 15.0
"""How often the decision is asked for without a signal, as event streams do."""


async def ends(decisions: RecentDecisions, asked: Asked, *, since: int) -> None:
    """Return once the decision is another one, or cannot be had any more.

    `since` is `decisions.drops` from before it was asked for: a signal may come before anybody
    watches. A signal is heeded within LOOK_SECONDS; what came without one, within ASK_SECONDS.
    """
    loop = asyncio.get_running_loop()
    drops, asked_at = since, loop.time()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if decisions.drops == drops and loop.time() - asked_at < ASK_SECONDS:
            continue
        drops, asked_at = decisions.drops, loop.time()
        try:
            if (await decisions.of(asked)).verdict is not Verdict.ALLOWED:
                return
        except (DatabaseError, RedisError):
            return
