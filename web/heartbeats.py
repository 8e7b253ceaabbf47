"""Signs of life of the processes that no request reaches: worker and beat."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Thread

from django.core.cache import cache
from redis import RedisError

PARTS = ("worker", "beat", "sweep")
"""The worker's process, the beat that sends to it, and the work that came through both."""
EVERY_SECONDS = 5.0


def note(part: str) -> None:
    """Say that `part` lives. Without Redis nothing is said: that is a finding of its own."""
    with suppress(RedisError):
        cache.set(_key(part), time.time(), timeout=None)


def keep(part: str) -> None:
    """Go on saying so until this process ends, from a thread of its own."""
    Thread(target=_keep, args=(part,), name=f"heartbeat-{part}", daemon=True).start()


def _keep(part: str) -> None:
    while True:
        note(part)
        time.sleep(EVERY_SECONDS)


def ages() -> dict[str, float | None]:
    """Seconds since each part last said so; None for one that never did. Raises RedisError."""
    seen = cache.get_many([_key(part) for part in PARTS])
    now = time.time()
    return {
        part: max(now - seen[_key(part)], 0.0) if _key(part) in seen else None for part in PARTS
    }


def _key(part: str) -> str:
    return f"heartbeat:{part}"
