"""The web server's way into Django: views run in threads, and what streams runs on the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from pytest_django.fixtures import Settings

from astro_ui.handler import OneStepHandler


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(threading.current_thread().name)


async def told(request: HttpRequest) -> StreamingHttpResponse:
    async def words() -> AsyncIterator[str]:
        yield f"{threading.current_thread().name};"
        yield "second"

    return StreamingHttpResponse(words())


_ended = asyncio.Event()


async def endless(request: HttpRequest) -> StreamingHttpResponse:
    async def words() -> AsyncIterator[str]:
        try:
            while True:
                yield "still here;"
                await asyncio.sleep(0.01)
        finally:
            _ended.set()

    return StreamingHttpResponse(words())


_both = threading.Barrier(2, timeout=10)


def meeting(request: HttpRequest) -> HttpResponse:
    _both.wait()
    return HttpResponse("met")


_all_four = threading.Barrier(4, timeout=10)


def gathering(request: HttpRequest) -> HttpResponse:
    _all_four.wait()
    return HttpResponse("met")


urlpatterns = [
    path("gathering", gathering),
    path("endless", endless),
    path("plain", plain),
    path("told", told),
    path("meeting", meeting),
]
handler404 = "web.views.not_found"


@pytest.fixture(autouse=True)
def _only_these_pages(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["web.middleware.RequestIdMiddleware"]


def scope_of(target: str) -> dict[str, Any]:
    return {
        "type": "http", "method": "GET", "path": target, "headers": [], "query_string": b"",
    }  # fmt: skip


async def get(target: str, handler: OneStepHandler | None = None) -> tuple[int, bytes]:
    arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    arriving.put_nowait({"type": "http.request"})
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await (handler or OneStepHandler())(scope_of(target), arriving.get, send)
    return sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:])


@pytest.mark.asyncio
async def test_a_view_runs_in_a_thread_and_not_on_the_loop() -> None:
    status, name = await get("/plain")
    assert status == 200
    assert name.decode() != threading.current_thread().name


@pytest.mark.asyncio
async def test_a_coroutine_and_what_it_streams_run_on_the_loop() -> None:
    status, said = await get("/told")
    assert (status, said.decode()) == (200, f"{threading.current_thread().name};second")


@pytest.mark.asyncio
async def test_requests_wait_for_the_database_side_by_side() -> None:
    """Each of two waits for the other: one after the other they would never end."""
    handler = OneStepHandler(ThreadPoolExecutor(2))
    answers = await asyncio.gather(get("/meeting", handler), get("/meeting", handler))
    assert list(answers) == [(200, b"met"), (200, b"met")]


@pytest.mark.asyncio
async def test_who_waits_long_keeps_nobody_else_out() -> None:
    """Four wait for each other, and only two begin at once: the others come in by and by."""
    handler = OneStepHandler(ThreadPoolExecutor(4))
    answers = await asyncio.gather(*(get("/gathering", handler) for _ in range(4)))
    assert answers == [(200, b"met")] * 4


@pytest.mark.asyncio
async def test_an_endless_stream_ends_when_the_browser_hangs_up() -> None:
    arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    arriving.put_nowait({"type": "http.request"})

    async def send(message: Mapping[str, Any]) -> None:
        if message.get("body"):
            arriving.put_nowait({"type": "http.disconnect"})

    handler = OneStepHandler(ThreadPoolExecutor(1))
    await asyncio.wait_for(handler(scope_of("/endless"), arriving.get, send), timeout=10)

    assert _ended.is_set()
    assert (await get("/told", handler))[1].endswith(b"second")


@pytest.mark.asyncio
async def test_the_thread_hears_that_a_request_began_and_ended() -> None:
    heard: list[tuple[str, str]] = []

    def hear(signal: Signal, **_: object) -> None:
        name = "began" if signal is request_started else "ended"
        heard.append((name, threading.current_thread().name))

    for signal in (request_started, request_finished):
        signal.connect(hear)
    try:
        _, name = await get("/plain", OneStepHandler(ThreadPoolExecutor(1)))
    finally:
        for signal in (request_started, request_finished):
            signal.disconnect(hear)
    assert heard == [("began", name.decode()), ("ended", name.decode())]
