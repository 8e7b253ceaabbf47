"""Real Airflows for the tests of this room, one per version, started only when asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from runtime import catalogue
from tests.runtime.airflow_stack import Airflow, Postgres, build, dag_file

EVERY_VERSION = ("3.3-8", "3.2-10", "3.1-21", "13.11.0", "12.12.0")
DEFAULT_VERSIONS = "3.3-8,13.11.0"


def chosen_versions() -> list[str]:
    """`ASTRO_UI_AIRFLOW_VERSIONS`: `all`, or runtime versions separated by commas."""
    wanted = os.environ.get("ASTRO_UI_AIRFLOW_VERSIONS", DEFAULT_VERSIONS)
    return list(EVERY_VERSION) if wanted == "all" else wanted.split(",")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What a version does not have is not tested on it, and that is no skip."""
    gone = [item for item in items if not _concerns(item)]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]


def _concerns(item: pytest.Item) -> bool:
    marker, call = item.get_closest_marker("only_airflow"), getattr(item, "callspec", None)
    if marker is None or call is None:
        return True
    version = catalogue.get(call.params["airflow"]).airflow_version
    return version.startswith(marker.args[0])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    cluster = Postgres()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module", params=chosen_versions())
def airflow(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Airflow]:
    """A running Airflow with one deploy of one DAG; only one runs at a time."""
    started = build(request.param, postgres, tmp_path_factory.mktemp("airflow"))
    started.deploy("v1", {"dags/hello.py": dag_file("hello")}, label="deploy #41")
    try:
        started.start()
        yield started
    finally:
        started.stop()
