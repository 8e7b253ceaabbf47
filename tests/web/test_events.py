"""An event stream says that something changed, and to nobody who may no longer know it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from web import events

CHANNEL = "test:web-events"


class Guard:
    """Stands for the permission check of a stream's view."""

    def __init__(self) -> None:
        self.says = True

    async def __call__(self) -> bool:
        return self.says


def listen(guard: Guard, *, heartbeat: float = 10) -> AsyncIterator[bytes]:
    response = events.stream([CHANNEL], is_allowed=guard, heartbeat=heartbeat)
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    return aiter(response)


async def following(stream: AsyncIterator[bytes]) -> bytes:
    return await asyncio.wait_for(anext(stream), timeout=10)


@pytest.mark.asyncio
async def test_a_page_that_connects_looks_once_then_at_each_signal() -> None:
    stream = listen(Guard())
    first = await following(stream)
    await sync_to_async(events.publish)(CHANNEL)

    assert first.endswith(b"event: changed\ndata: \n\n")
    assert await following(stream) == b"event: changed\ndata: \n\n"


@pytest.mark.asyncio
async def test_a_burst_of_signals_is_one_event() -> None:
    stream = listen(Guard(), heartbeat=0.2)
    await following(stream)
    for _ in range(20):
        await sync_to_async(events.publish)(CHANNEL)

    assert await following(stream) == b"event: changed\ndata: \n\n"
    assert await following(stream) == b": still here\n\n"


@pytest.mark.asyncio
async def test_whoever_lost_the_right_hears_nothing_more() -> None:
    guard = Guard()
    stream = listen(guard)
    await following(stream)
    guard.says = False
    await sync_to_async(events.publish)(CHANNEL)

    assert await following(stream) == b"event: closed\ndata: \n\n"
    with pytest.raises(StopAsyncIteration):
        await following(stream)


@pytest.mark.asyncio
async def test_the_right_is_asked_again_at_each_heartbeat() -> None:
    guard = Guard()
    stream = listen(guard, heartbeat=0.05)
    await following(stream)

    assert await following(stream) == b": still here\n\n"
    guard.says = False
    assert await following(stream) == b"event: closed\ndata: \n\n"


@pytest.mark.asyncio
async def test_a_process_that_stops_ends_its_streams_and_lets_pages_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "_is_over", threading.Event())
    stream = listen(Guard())
    await following(stream)

    events.end_streams()

    with pytest.raises(StopAsyncIteration):
        await following(stream)
