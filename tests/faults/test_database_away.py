"""Who was in an Airflow when PostgreSQL stopped reads on for a while, and nothing is written."""

from __future__ import annotations

import psycopg
import pytest

from astro_ui.bench.browser import Browser
from astro_ui.bench.waiting import until
from tests.faults.consoles import GRACE_SECONDS
from tests.faults.world import World

pytestmark = [pytest.mark.slow, pytest.mark.matrix]

LATE_SECONDS = 15.0
"""How long after the grace the door may take to find that nobody can be asked."""


def test_who_is_in_an_airflow_reads_on_while_the_database_is_away(world: World) -> None:
    world.wait_until_whole()
    deployment_id = world.create()
    world.settle([deployment_id], "HEALTHY")
    address = world.call("GET", deployment_id)["webServerUrl"]
    health = f"http://{address.removeprefix('http://').rstrip('/')}/health"
    world.line.open(health)

    def ask(method: str = "GET", line: Browser = world.line) -> int:
        return line.ask(method, health, headers={"Origin": health.removesuffix("/health")}).status

    assert ask() == 200
    world.supervisor("stopProcess", "postgres", False)
    try:
        until(lambda: is_away(world), "a database that is away", seconds=GRACE_SECONDS)
        assert ask() == 200
        assert ask("POST") == 503
        assert ask(line=Browser()) in {302, 401}
        until(lambda: ask() == 503, "an end", seconds=GRACE_SECONDS + LATE_SECONDS)
    finally:
        world.supervisor("startProcess", "postgres")

    until(lambda: ask() == 200, "in again", seconds=30)
    world.settle([deployment_id], "HEALTHY")


def is_away(world: World) -> bool:
    try:
        world.rows.query("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False
