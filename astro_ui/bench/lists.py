"""Queries and server time of every list page: two rows against two thousand."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.ids import cuid
from accounts.models import User
from astro_ui import demo
from astro_ui.bench.metric import Metric
from astro_ui.demo import Demo

NEEDS_CONSOLE = True
FEW, MANY, TIMED = 2, 2000, 1000
REQUESTS = 100
LIMIT_MS = 50
PALETTE_MS = 100
"""People type into it, and each key asks anew."""
_WORDS = ("runner-77", "hibernate etl", "d")


def run() -> list[Metric]:
    """Served in this process, over the real database of a console."""
    few, many, timed = (_fill(count) for count in (FEW, MANY, TIMED))
    settle()
    metrics: list[Metric] = []
    for name, (few_url, many_url, timed_url) in _pages(few, many, timed).items():
        extra = _queries(many, many_url) - _queries(few, few_url)
        metrics.append(Metric(f"{name}: queries more for {MANY} rows", extra, "", limit=0))
        median, slow = _times(timed, timed_url)
        note = f"{TIMED:,} Deployments, median {median:.1f} ms"
        metrics.append(Metric(f"{name}, p95", slow, "ms", limit=LIMIT_MS, note=note))
    return [*metrics, *_palette(many)]


def _palette(many: Demo) -> Iterator[Metric]:
    for words in _WORDS:
        url = reverse("palette") + "?" + urlencode({"q": words})
        median, slow = _times(many, url)
        note = f"{MANY:,} Deployments, median {median:.1f} ms"
        yield Metric(f"palette '{words}', p95", slow, "ms", limit=PALETTE_MS, note=note)


def _fill(count: int) -> Demo:
    """People of an earlier filling are renamed, so that each Organization has its own."""
    for number, user in enumerate(User.objects.filter(email__endswith="@demo.example")):
        User.objects.filter(pk=user.pk).update(email=f"{cuid()}-{number}@bench.example")
    made = demo.fill(deployments=count, password=cuid())
    made.owner.refresh_from_db()
    return made


def settle() -> None:
    """As a console stands a minute later: rows counted by autovacuum, modules frozen by `up`."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    gc.collect()
    gc.freeze()


def _pages(*demos: Demo) -> dict[str, tuple[str, ...]]:
    def of_organization(route: str) -> tuple[str, ...]:
        return tuple(reverse(route, args=[each.organization.pk]) for each in demos)

    def of_workspace(route: str) -> tuple[str, ...]:
        return tuple(
            reverse(route, args=[each.organization.workspaces.order_by("name")[0].pk])
            for each in demos
        )

    return {
        "home": of_organization("deployments:home"),
        "Deployments": of_organization("deployments:list"),
        "Deployments of a Workspace": of_workspace("deployments:workspace_list"),
        "Workspaces": of_organization("workspaces:list"),
        "members": of_organization("accounts:members"),
        "audit log": of_organization("accounts:audit"),
    }


@contextmanager
def signed_in(owner: User) -> Iterator[Client]:
    client = Client(headers={"host": "localhost"})
    client.force_login(owner)
    yield client


def _queries(made: Demo, url: str) -> int:
    with signed_in(made.owner) as client:
        get(client, url)
        with CaptureQueriesContext(connection) as captured:
            get(client, url)
        return len(captured)


def _times(made: Demo, url: str) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    taken = []
    with signed_in(made.owner) as client:
        get(client, url)
        for _ in range(REQUESTS):
            began = time.perf_counter()
            get(client, url)
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def get(client: Client, url: str) -> None:
    status = client.get(url).status_code
    if status != 200:
        raise RuntimeError(f"{url} answered {status}")
