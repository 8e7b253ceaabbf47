"""The last calls of an identity provider, for the page that shows them: cheap to write, since
each change stands in the audit log as well.

A list in Redis for each Organization, which is cut at 1,000 entries as it grows. A call is put
there after it was answered, a moment later at most; without Redis nothing is kept, and no call
fails for that.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from operator import itemgetter

import redis
from django.conf import settings

from web.aside import Aside

KEPT = 1_000
_PAUSE_SECONDS = 0.02
_MOST = 200


@dataclass(frozen=True)
class Outcome:
    """One call and what became of it; of its content only the address."""

    at: float
    """Seconds since 1970."""
    method: str
    path: str
    status: int
    detail: str
    took_ms: float
    token: str
    user_agent: str

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def searched(self) -> str:
        """By what the page finds it."""
        return f"{self.method} {self.path} {self.status} {self.detail} {self.token}".lower()

    @property
    def is_refused(self) -> bool:
        return self.status >= 400


def note(organization_id: str, outcome: Outcome) -> None:
    """Keep a call, in place of the oldest; never raises and never waits."""
    _calls.put((_key(organization_id), outcome))


def _keep(calls: list[tuple[str, Outcome]]) -> None:
    by_key = sorted(calls, key=itemgetter(0))
    server = _server(settings.REDIS_URL)
    with suppress(redis.RedisError), server.pipeline(transaction=False) as pipe:
        for key, group in groupby(by_key, key=itemgetter(0)):
            pipe.lpush(key, *(json.dumps(vars(outcome)) for _, outcome in group))
            pipe.ltrim(key, 0, KEPT - 1)
        pipe.execute()


_calls = Aside("provisioning calls", _keep, pause_seconds=_PAUSE_SECONDS, most=_MOST)


def last(organization_id: str, most: int = KEPT) -> list[Outcome]:
    """The newest first. Raises redis.RedisError where it cannot be asked."""
    kept = _server(settings.REDIS_URL).lrange(_key(organization_id), 0, most - 1)
    return [Outcome(**json.loads(each)) for each in kept]


def _key(organization_id: str) -> str:
    return f"accounts:provisioning:{organization_id}"


@cache
def _server(url: str) -> redis.Redis:
    """Connections are kept: a new one would cost more than the write."""
    return redis.Redis.from_url(url)
