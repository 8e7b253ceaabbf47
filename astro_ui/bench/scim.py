"""Provisioning by SCIM, over HTTP: how fast people are taken in, looked up, put into Teams, and
how soon a leaver is out. Beside it the reference server, in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings

from astro_ui.bench import processes, scim_leaver, scim_reference
from astro_ui.bench.metric import Metric
from astro_ui.bench.scim_crowd import Tenant, fill, settle, tenant
from astro_ui.bench.scim_load import Client, create_all

NEEDS_CONSOLE = True
USERS, TEAMS, TEAM_SIZE, CLIENTS = 10_000, 200, 50, 8
PER_SECOND, CREATE_P99_MS, ALL_S = 250, 100.0, 60.0
REFERENCE_USERS = 500
FEW, MANY, LOOKUPS = 100, 100_000, 300
FLAT = 1.5
PAGE_MS, PAGES = 50.0, 40
MEMBERS, PATCH_S = 8_000, 2.0


def run() -> list[Metric]:
    processes.stand_beside()
    home = tenant("Provisioned", settings.BASE_URL, domain="example.com")
    found, people = _taking_in(home)
    few, many = (tenant(name, settings.BASE_URL) for name in ("Few", "Many"))
    fill(few.organization, FEW)
    fill(many.organization, MANY)
    settle()
    found += _looking_up(few, many)
    found += _listing(many)
    found += _filling_a_team(home, people[:MEMBERS])
    return [*found, *scim_leaver.run(home), *_reference(found)]


def _taking_in(home: Tenant) -> tuple[list[Metric], list[str]]:
    """The figures, and the ids of those who were created."""
    create_all(home.connect, [f"warm{number}" for number in range(CLIENTS * 10)], clients=CLIENTS)
    names = [f"user{number}" for number in range(USERS)]
    wall, took, ids = create_all(home.connect, names, clients=CLIENTS)
    client = home.connect()
    teams = sum(_team(client, number, ids) for number in range(TEAMS))
    rate = USERS / wall
    return (
        [
            Metric(
                "a user created, by single POSTs",
                wall / USERS * 1000,
                "ms",
                limit=1000 / PER_SECOND,
                note=f"{rate:.0f} per second, {CLIENTS} keep-alive connections",
            ),
            Metric("a user created, p99", _quantile(took, 99), "ms", limit=CREATE_P99_MS),
            Metric(
                f"{USERS:,} users and {TEAMS} Teams of {TEAM_SIZE}",
                wall + teams / 1000,
                "s",
                limit=ALL_S,
            ),
        ],
        ids,
    )


def _team(client: Client, number: int, ids: list[str]) -> float:
    begin = number * TEAM_SIZE % USERS
    members = [{"value": each} for each in ids[begin : begin + TEAM_SIZE]]
    content = {"displayName": f"Team {number}", "members": members}
    return client.timed("POST", "/Groups", content, expected=201)[0]


def _looking_up(few: Tenant, many: Tenant) -> list[Metric]:
    """By turns, so that both meet the same machine."""
    found = []
    for what, value in (("userName", "p{}@example.com"), ("externalId", "external-p{}")):
        small, large = few.connect(), many.connect()
        times: dict[str, list[float]] = {"few": [], "many": []}
        for number in range(LOOKUPS):
            for name, client, size in (("few", small, FEW), ("many", large, MANY)):
                text = f'{what} eq "{value.format(number * 331 % size)}"'
                path = f"/Users?filter={quote(text)}"
                times[name].append(client.timed("GET", path)[0])
        found.append(
            Metric(
                f"{what} eq among {MANY:,}, p95",
                _quantile(times["many"], 95),
                "ms",
                _quantile(times["few"], 95),
                f"among {FEW}",
                ratio_limit=FLAT,
                note=f"median {statistics.median(times['many']):.1f} ms",
            )
        )
    return found


def _listing(many: Tenant) -> list[Metric]:
    client = many.connect()
    index = [f"/Users?startIndex={number * MANY // PAGES + 1}&count=100" for number in range(PAGES)]
    by_index = [client.timed("GET", path)[0] for path in index]
    cursor, by_cursor = "", []
    for _ in range(PAGES):
        took, page = client.timed("GET", f"/Users?count=100&cursor={quote(cursor)}")
        by_cursor.append(took)
        cursor = page["nextCursor"]
    return [
        Metric(
            f"a page of 100 among {MANY:,}, {how}, p95", _quantile(each, 95), "ms", limit=PAGE_MS
        )
        for how, each in (("by index", by_index), ("by cursor", by_cursor))
    ]


def _filling_a_team(home: Tenant, ids: list[str]) -> list[Metric]:
    client = home.connect()
    group = client.call("POST", "/Groups", {"displayName": "Everybody"}, expected=201)
    operation = {"op": "Add", "path": "members", "value": [{"value": each} for each in ids]}
    path = f"/Groups/{group['id']}"
    took, _ = client.timed("PATCH", path, {"Operations": [operation]}, expected=204)
    return [Metric(f"a PATCH that adds {MEMBERS:,} members", took / 1000, "s", limit=PATCH_S)]


def _reference(ours: list[Metric]) -> list[Metric]:
    with scim_reference.running() as connect:
        if connect is None:
            return [Metric("reference scim2-server", 0, "", note="cannot be installed here")]
        return _beside(connect, ours)


def _beside(connect: Callable[[], Client], ours: list[Metric]) -> list[Metric]:
    """It answers one after the other, so one client asks: more would only wait."""
    names = [f"reference{number}" for number in range(REFERENCE_USERS)]
    wall, _, _ = create_all(connect, names, clients=1)
    client = connect()
    paths = [_by_name(f"{name}@example.com") for name in names[:LOOKUPS]]
    looked = [client.timed("GET", path)[0] for path in paths]
    note = f"{REFERENCE_USERS} users, in memory, no audit, one client"
    found = {each.name: each.value for each in ours}
    return [
        Metric(
            "a user created, beside the reference",
            found["a user created, by single POSTs"],
            "ms",
            wall / REFERENCE_USERS * 1000,
            "scim2-server",
            note=note,
        ),
        Metric(
            f"userName eq, p95: {MANY:,} users beside {REFERENCE_USERS}",
            found[f"userName eq among {MANY:,}, p95"],
            "ms",
            _quantile(looked, 95),
            "scim2-server",
        ),
    ]


def _by_name(user_name: str) -> str:
    text = f'userName eq "{user_name}"'
    return f"/Users?filter={quote(text)}"


def _quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
