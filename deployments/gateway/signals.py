"""Word that somebody's rights or a Deployment's state changed, from any process to every door."""

from __future__ import annotations

import asyncio

from django.conf import settings
from redis import RedisError
from redis.asyncio import Redis

from access.scopes import EVERYBODY, Principal
from deployments.gateway.recent import RecentDecisions
from web import events

_ACCESS = "access:"
_DEPLOYMENT = "deployment:"
_PAUSE_SECONDS = 1.0


def channels(principal: Principal) -> tuple[str, ...]:
    """Where a change of somebody's rights is told."""
    return f"{_ACCESS}{principal.id}", f"{_ACCESS}{EVERYBODY.id}"


def tell(principal: Principal) -> None:
    """A listener of `access.scopes.on_access_changed`."""
    events.publish(f"{_ACCESS}{principal.id}")


async def listen(decisions: RecentDecisions) -> None:
    """Drop what each signal is about, for ever. Without Redis decisions age by themselves."""
    while True:
        try:
            await _listen(decisions)
        except (RedisError, OSError):
            decisions.drop()
            await asyncio.sleep(_PAUSE_SECONDS)


async def _listen(decisions: RecentDecisions) -> None:
    async with Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as subscription:
        await subscription.psubscribe(f"{_ACCESS}*", f"{_DEPLOYMENT}*")
        async for message in subscription.listen():
            if message["type"] == "psubscribe":
                decisions.drop()  # what was said since the line broke was said to nobody
            elif message["type"] == "pmessage":
                _heed(message["channel"].decode(), decisions)


def _heed(channel: str, decisions: RecentDecisions) -> None:
    if channel == f"{_ACCESS}{EVERYBODY.id}":
        decisions.drop()
    elif channel.startswith(_ACCESS):
        decisions.drop(principal_id=channel.removeprefix(_ACCESS))
    else:
        decisions.drop(deployment_id=channel.removeprefix(_DEPLOYMENT))
