"""Signals to open pages, over Redis."""

from __future__ import annotations

import redis
from django.conf import settings


def publish(channel: str) -> None:
    """Tell every open page that listens to `channel` to look again. Never raises: a page that
    misses a signal polls."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.publish(channel, "changed")
    except redis.RedisError:
        return
