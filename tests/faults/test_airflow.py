"""One fault of each kind on real Airflow, with tasks in flight that try to get away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments
from tests.faults.cells import Cell
from tests.faults.consoles import AIRFLOW, airflow_console
from tests.faults.rounds import Rounds
from tests.faults.world import World

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.matrix]

CELLS = (
    Cell("kill agent", "create", "start-components"),
    Cell("kill scheduler", "deploy", "show-dags"),
    Cell("flush redis + kill redis", "roll back", "switch-deploy"),
    Cell("restart postgres", "hibernate", "stop-components"),
    Cell("kill worker", "wake", "start-components"),
    Cell("kill supervisor", "deploy", "show-dags"),
    Cell("stop triggerer", "hibernate", "stop-components"),
    Cell("fill postgres", "wake", "wait-healthy"),
    Cell("clock forward", "roll back", "fetch-deploy"),
    Cell("stop agent", "delete", "stop-components"),
)
"""One Airflow lives through all of them."""


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[World]:
    with airflow_console(folder / "airflow", environments=environments.shared()) as world:
        yield world


@pytest.fixture(scope="module")
def rounds(world: World) -> Rounds:
    return Rounds(world, kind=AIRFLOW)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_fault_of_each_kind(rounds: Rounds, cell: Cell, request: pytest.FixtureRequest) -> None:
    if cell.fault.startswith("clock"):
        request.getfixturevalue("clock")

    (result,) = rounds.run([cell])

    assert result.is_kept, result.detail
