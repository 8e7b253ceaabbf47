"""Airflow through the built-in proxy, beside direct requests to the same server in the same run.

First a real Airflow, which is what the promise is about; then a stand-in that answers at once with
the sizes of Airflow 3, since a slow server hides what the door itself costs. One kept-alive client
asks directly and through the door by turns; processor time is taken with eight at once, as
browsers ask when a page loads, and beside it with that one.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter

import aiohttp

from astro_ui.bench import doors
from astro_ui.bench.doors import Door
from astro_ui.bench.metric import Metric
from astro_ui.bench.stage import Stage

NEEDS_CONSOLE = True
P50_ALLOWED_MS = 2.0
P95_ALLOWED_MS = 5.0
CPU_ALLOWED = 1.2
_TIMES, _TIMES_OF_SCRIPT, _ABREAST = 1_000, 15, 8
_WARM_UP = 50
_PAGE = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
_CALL = {"Sec-Fetch-Mode": "cors", "Accept": "application/json"}
_ASKED = (
    ("page, with its audit row", "/", _PAGE),
    ("REST, version", "/api/v2/version", _CALL),
    ("REST, list of DAGs", "/api/v2/dags", _CALL),
)


@dataclass
class Timing:
    direct: list[float] = field(default_factory=list)
    proxied: list[float] = field(default_factory=list)
    cpu_alone: float = 0.0
    """CPU-seconds of the web processes per 1,000 requests, asked one after the other."""
    cpu_abreast: float = 0.0
    per_second: float = 0.0


def run() -> list[Metric]:
    stage = Stage.set()
    deployment_id = stage.create("bench")
    stage.await_healthy(deployment_id)
    found = asyncio.run(_measure("Airflow", doors.real(stage, deployment_id), is_promised=True))
    stage.delete(deployment_id)
    with doors.stand_in() as door:
        return found + asyncio.run(_measure("stand-in", door, is_promised=False))


async def _measure(name: str, door: Door, *, is_promised: bool) -> list[Metric]:
    found: list[Metric] = []
    async with aiohttp.ClientSession(auto_decompress=False) as client:
        for what, path, headers in _ASKED:
            timing = await _alternate(client, door, path, headers, _TIMES)
            await _abreast(client, door, path, headers, timing)
            label = f"{name}: {what}"
            found += _latencies(label, timing, is_promised=is_promised)
            found += _processor(label, timing, is_promised=is_promised)
        timing = await _alternate(client, door, door.script, _CALL, _TIMES_OF_SCRIPT)
        found += _latencies(f"{name}: the largest script", timing, is_promised=False)
    return found


async def _alternate(
    client: aiohttp.ClientSession, door: Door, path: str, headers: Mapping[str, str], times: int
) -> Timing:
    for _ in range(_WARM_UP):
        await _ask_through(client, door, path, headers)
    timing = Timing()
    before = _used(door)
    for _ in range(times):
        timing.direct.append(await _ask_straight(client, door, path, headers))
        timing.proxied.append(await _ask_through(client, door, path, headers))
    timing.cpu_alone = (_used(door) - before) * 1_000 / times
    return timing


async def _abreast(
    client: aiohttp.ClientSession,
    door: Door,
    path: str,
    headers: Mapping[str, str],
    timing: Timing,
) -> None:
    async def one() -> None:
        for _ in range(_TIMES // _ABREAST):
            await _ask_through(client, door, path, headers)

    before, began = _used(door), perf_counter()
    await asyncio.gather(*(one() for _ in range(_ABREAST)))
    timing.cpu_abreast = (_used(door) - before) * 1_000 / _TIMES
    timing.per_second = _TIMES / (perf_counter() - began)


def _used(door: Door) -> float:
    times = [each.cpu_times() for each in door.web]
    return float(sum(each.user + each.system for each in times))


async def _ask_straight(
    client: aiohttp.ClientSession, door: Door, path: str, headers: Mapping[str, str]
) -> float:
    return await _ask(client, door.upstream + path, {**headers, **door.straight()})


async def _ask_through(
    client: aiohttp.ClientSession, door: Door, path: str, headers: Mapping[str, str]
) -> float:
    return await _ask(client, door.url + path, {**headers, **door.through})


async def _ask(client: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> float:
    """Milliseconds until the last byte."""
    began = perf_counter()
    async with client.get(url, headers=headers, allow_redirects=False) as answer:
        if answer.status != 200:
            raise RuntimeError(f"{url} answered {answer.status}")
        await answer.read()
    return (perf_counter() - began) * 1_000


def _latencies(label: str, timing: Timing, *, is_promised: bool) -> list[Metric]:
    found = []
    for name, share, allowed in (("p50", 50, P50_ALLOWED_MS), ("p95", 95, P95_ALLOWED_MS)):
        direct = _percentile(timing.direct, share)
        found.append(
            Metric(
                f"{label}, {name}",
                _percentile(timing.proxied, share),
                "ms",
                reference=direct,
                reference_name="direct",
                limit=direct + allowed if is_promised else None,
            )
        )
    return found


def _processor(label: str, timing: Timing, *, is_promised: bool) -> list[Metric]:
    unit = "CPU-s per 1,000"
    abreast = Metric(
        f"{label}, processor time, {_ABREAST} clients",
        timing.cpu_abreast,
        unit,
        limit=CPU_ALLOWED if is_promised else None,
        note=f"{timing.per_second:.0f} requests per second",
    )
    return [abreast, Metric(f"{label}, processor time, one client", timing.cpu_alone, unit)]


def _percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
