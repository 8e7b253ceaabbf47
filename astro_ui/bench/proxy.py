"""Airflow through the built-in proxy, beside direct requests to the same server in the same run.

The server is a stand-in that answers at once with the sizes of Airflow 3: a slow one would hide
what the door costs. One kept-alive client asks directly and through the door by turns.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
import psutil

from astro_ui.bench.metric import Metric
from astro_ui.bench.stand import Stand, stand

P50_ALLOWED_MS = 2.0
P95_ALLOWED_MS = 5.0
CPU_ALLOWED = 1.2
_SMALL, _LARGE, _ABREAST = 1_000, 15, 8
_WARM_UP = 30
_PAGE = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
_CALL = {"Sec-Fetch-Mode": "cors", "Accept": "application/json"}


@dataclass
class Timing:
    direct: list[float] = field(default_factory=list)
    proxied: list[float] = field(default_factory=list)
    cpu_seconds_per_1000: float = 0.0


def run() -> list[Metric]:
    with stand() as made:
        return asyncio.run(_measure(made))


async def _measure(made: Stand) -> list[Metric]:
    found: list[Metric] = []
    async with aiohttp.ClientSession(auto_decompress=False) as client:
        for name, path, headers, times in (
            ("page, with its audit row", "/", _PAGE, _SMALL),
            ("REST, 60 B", "/api/v2/version", _CALL, _SMALL),
            ("REST, 40 kB", "/api/v2/dags", _CALL, _SMALL),
            ("script, 7.1 MB", "/static/main.js", _CALL, _LARGE),
        ):
            timing = await _time(client, made, path, headers, times)
            found += _metrics(name, timing, is_promised=path != "/static/main.js")
        found.append(await _abreast(client, made))
    return found


async def _time(
    client: aiohttp.ClientSession, made: Stand, path: str, headers: Mapping[str, str], times: int
) -> Timing:
    for _ in range(_WARM_UP):
        await _ask(client, made.upstream + path, headers)
        await _ask_door(client, made, path, headers)
    timing = Timing()
    process = psutil.Process(made.web.pid)
    before = process.cpu_times()
    for _ in range(times):
        timing.direct.append(await _ask(client, made.upstream + path, headers))
        timing.proxied.append(await _ask_door(client, made, path, headers))
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    timing.cpu_seconds_per_1000 = used * 1_000 / times
    return timing


async def _abreast(client: aiohttp.ClientSession, made: Stand) -> Metric:
    """Eight clients at once, as browsers do when a page loads."""
    process = psutil.Process(made.web.pid)
    before, began = process.cpu_times(), time.perf_counter()

    async def one() -> None:
        for _ in range(_SMALL // _ABREAST):
            await _ask_door(client, made, "/api/v2/version", _CALL)

    await asyncio.gather(*(one() for _ in range(_ABREAST)))
    after, seconds = process.cpu_times(), time.perf_counter() - began
    used = after.user + after.system - before.user - before.system
    return Metric(
        "proxy: processor time, 8 clients at once",
        used * 1_000 / _SMALL,
        "CPU-s per 1,000",
        limit=CPU_ALLOWED,
        note=f"{_SMALL / seconds:.0f} requests per second",
    )


async def _ask_door(
    client: aiohttp.ClientSession, made: Stand, path: str, headers: Mapping[str, str]
) -> float:
    shown = {"Host": made.host, "Cookie": f"astro_airflow={made.world['cookie']}", **headers}
    return await _ask(client, f"http://127.0.0.1:{made.port}{path}", shown)


async def _ask(client: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> float:
    """Milliseconds until the last byte."""
    began = time.perf_counter()
    async with client.get(url, headers=headers, allow_redirects=False) as answer:
        if answer.status != 200:
            raise RuntimeError(f"{url} answered {answer.status}")
        await answer.read()
    return (time.perf_counter() - began) * 1_000


def _metrics(name: str, timing: Timing, *, is_promised: bool) -> list[Metric]:
    found = []
    for label, share, allowed in (("p50", 50, P50_ALLOWED_MS), ("p95", 95, P95_ALLOWED_MS)):
        direct, proxied = _percentile(timing.direct, share), _percentile(timing.proxied, share)
        found.append(
            Metric(
                f"proxy: {name}, {label}",
                proxied,
                "ms",
                reference=direct,
                reference_name="direct",
                limit=direct + allowed if is_promised else None,
            )
        )
    found.append(
        Metric(
            f"proxy: {name}, processor time",
            timing.cpu_seconds_per_1000,
            "CPU-s per 1,000",
            limit=CPU_ALLOWED if is_promised else None,
        )
    )
    return found


def _percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
