"""Signals to open pages, over Redis: publish on a channel, follow it by server-sent events.

A signal carries no data. The page that hears it fetches its region again, through the same view
and the same permissions as before.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from functools import cache

import redis
import redis.asyncio
from django.conf import settings
from django.http import StreamingHttpResponse

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
_RETRY_MILLISECONDS = 1000

_LOOK_SECONDS = 1.0
_is_over = threading.Event()

IsAllowed = Callable[[], Awaitable[bool]]


def publish(channel: str) -> None:
    """Tell every open page that listens to `channel` to look again. Never raises: a page that
    misses a signal polls."""
    try:
        _client(settings.REDIS_URL).publish(channel, "changed")
    except redis.RedisError:
        return


@cache
def _client(address: str) -> redis.Redis:
    """With connections that are kept: to make one costs several times what a signal does."""
    return redis.Redis.from_url(address)


def end_streams() -> None:
    """Let every event stream of this process end within a second, for the process is to stop.

    Their pages come back by themselves, to whichever process answers then.
    """
    _is_over.set()


def stream(
    channels: Iterable[str], *, is_allowed: IsAllowed, heartbeat: float = HEARTBEAT_SECONDS
) -> StreamingHttpResponse:
    """Answer with an event stream that says `changed` for every signal on the channels.

    `is_allowed` is asked before each signal and at each heartbeat; when it says no, the stream
    says `closed` and ends. The view that calls this must be async.
    """
    response = StreamingHttpResponse(
        _events(tuple(channels), is_allowed, heartbeat), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(
    channels: tuple[str, ...], is_allowed: IsAllowed, heartbeat: float
) -> AsyncIterator[bytes]:
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL)
    listener = client.pubsub(ignore_subscribe_messages=True)
    try:
        await listener.subscribe(*channels)
        # What changed between the page's rendering and this moment has no signal of its own.
        yield f"retry: {_RETRY_MILLISECONDS}\nevent: changed\ndata: \n\n".encode()
        while True:
            signal = await _hear(listener, heartbeat)
            if _is_over.is_set():
                return
            if not await is_allowed():
                yield b"event: closed\ndata: \n\n"
                return
            if signal:
                await _drain(listener)
            yield b"event: changed\ndata: \n\n" if signal else b": still here\n\n"
    except redis.RedisError:
        # Ending the stream makes the browser come back, by then perhaps to a living Redis.
        log.warning("An event stream lost Redis")
    finally:
        with suppress(redis.RedisError, asyncio.CancelledError):
            await listener.aclose()  # type: ignore[no-untyped-call]
            await client.aclose()


async def _hear(listener: redis.asyncio.client.PubSub, patience: float) -> bool:
    """Whether a signal comes within the time; Redis' own confirmations are not signals."""
    clock = asyncio.get_running_loop().time
    end = clock() + patience
    while (left := end - clock()) > 0 and not _is_over.is_set():
        if await listener.get_message(timeout=min(left, _LOOK_SECONDS)):
            return True
    return False


async def _drain(listener: redis.asyncio.client.PubSub) -> None:
    """Drop the signals already waiting: one fetch of the page answers them all."""
    while await listener.get_message(timeout=0):
        pass
