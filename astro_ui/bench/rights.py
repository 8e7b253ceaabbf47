"""What rights cost: to load them, to ask for one, and on the pages that list who holds them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as StockPermission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.actor import Actor
from access.permissions import Permission
from accounts.models import User
from astro_ui.bench import crowd
from astro_ui.bench.crowd import Crowd
from astro_ui.bench.lists import get, settle, signed_in
from astro_ui.bench.metric import Metric
from workspaces.models import Workspace

REQUESTS, LOADS = 60, 50
PAGE_ROWS = 50
PAGE_MS, LOAD_MS, CHECK_US, LOAD_QUERIES = 50, 10, 10, 3
SAME_COST = 1.5
"""Noise of a busy machine included."""


def run() -> list[Metric]:
    large = crowd.large()
    small = crowd.small(large)
    settle()
    return [*_loading(large.busy), *_checking(large), *_listing(large, small)]


def _loading(busy: User) -> list[Metric]:
    """Beside what Django itself does for somebody in as many groups."""
    _stock(busy)

    def ours() -> None:
        _ = Actor(busy.principal).roles

    def stock() -> None:
        fresh = User.objects.only("pk").get(pk=busy.pk)
        ModelBackend().get_all_permissions(fresh)

    ours()
    with CaptureQueriesContext(connection) as asked:
        ours()
    grants = sum(map(len, Actor(busy.principal).roles.values()))
    who = f"{crowd.IN_TEAMS} Teams, {crowd.WORKSPACES} Workspaces, {grants:,} grants"
    return [
        Metric("load all grants, queries", len(asked), "", limit=LOAD_QUERIES),
        Metric(
            "load all grants",
            _median_ms(ours),
            "ms",
            _median_ms(stock),
            f"Django's ModelBackend, {crowd.IN_TEAMS} groups",
            limit=LOAD_MS,
            note=who,
        ),
    ]


def _stock(busy: User) -> None:
    permissions = list(StockPermission.objects.all())
    for number in range(crowd.IN_TEAMS):
        group = Group.objects.create(name=f"Group {number}")
        group.permissions.set(permissions)
        busy.groups.add(group)


def _checking(large: Crowd) -> list[Metric]:
    """Of somebody whose grants are loaded: on a place seen first, and on one asked of before."""
    places = list(Workspace.objects.filter(organization=large.organization))
    actor = Actor(large.busy.principal)
    _ = actor.roles

    def ask() -> float:
        began = time.perf_counter()
        for place in places:
            actor.can(Permission.DEPLOYMENT_UPDATE, place)
        return (time.perf_counter() - began) / len(places) * 1e6

    first = ask()
    again = statistics.median(ask() for _ in range(20))
    return [
        Metric("permission check, a place asked of first", first, "µs", limit=CHECK_US),
        Metric("permission check, again", again, "µs", limit=CHECK_US),
    ]


def _listing(large: Crowd, small: Crowd) -> list[Metric]:
    found: list[Metric] = []
    for name, route in _ROUTES.items():
        big, little = (route(each) for each in (large, small))
        extra = _queries(large.owner, big) - _queries(large.owner, little)
        found.append(Metric(f"{name}: queries more than for 2 rows", extra, "", limit=0))
        per_row = {}
        people = {"Owner": large.owner, "500 grants": large.busy}
        times = _times([(user, url) for user in people.values() for url in (big, little)])
        for who in people:
            many, few, *times = times
            slow = statistics.quantiles(many, n=20)[-1]
            middle = statistics.median(many)
            note = f"median {middle:.1f} ms"
            found.append(Metric(f"{name}, {who}, p95", slow, "ms", limit=PAGE_MS, note=note))
            per_row[who] = (middle - statistics.median(few)) / (PAGE_ROWS - 2) * 1000
        owner = max(per_row["Owner"], 1)
        found.append(
            Metric(
                f"{name}: a row for somebody with 500 grants",
                max(per_row["500 grants"], 0),
                "µs",
                owner,
                "an Owner",
                ratio_limit=SAME_COST,
            )
        )
    return found


_ROUTES: dict[str, Callable[[Crowd], str]] = {
    "members": lambda made: reverse("accounts:members", args=[made.organization.pk]),
    "Teams": lambda made: reverse("accounts:teams", args=[made.organization.pk]),
    "API tokens": lambda made: reverse("accounts:tokens", args=[made.organization.pk]),
    "audit log": lambda made: reverse("accounts:audit", args=[made.organization.pk]),
    "members of a Workspace": lambda made: reverse("workspaces:members", args=[made.workspace.pk]),
}


def _queries(user: User, url: str) -> int:
    with signed_in(user) as client:
        get(client, url)
        with CaptureQueriesContext(connection) as captured:
            get(client, url)
        return len(captured)


def _times(asked: list[tuple[User, str]]) -> list[list[float]]:
    """Milliseconds of each page for each of them, by turns, so that all meet the same machine."""
    with ExitStack() as stack:
        clients = [(stack.enter_context(signed_in(user)), url) for user, url in asked]
        for client, url in clients:
            get(client, url)
        rounds = [[_ms(partial(get, *each)) for each in clients] for _ in range(REQUESTS)]
    return [list(each) for each in zip(*rounds, strict=True)]


def _median_ms(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_ms(work) for _ in range(LOADS))


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
