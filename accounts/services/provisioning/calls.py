"""The last calls of an identity provider, for the page that shows them: cheap to write, since
each change stands in the audit log as well.

A list in Redis for each Organization, which is cut at 1,000 entries as it grows. Without Redis
nothing is kept, and no call fails for that.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache

import redis
from django.conf import settings

KEPT = 1_000


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
    """Keep a call, in place of the oldest."""
    key = _key(organization_id)
    try:
        with _server(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            pipe.lpush(key, json.dumps(asdict(outcome)))
            pipe.ltrim(key, 0, KEPT - 1)
            pipe.execute()
    except redis.RedisError:
        return


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
