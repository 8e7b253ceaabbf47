"""Every fault at every step, on real processes: PostgreSQL, Redis, web, worker, beat, agent and
supervisors, with a light program in place of each Airflow component."""

from __future__ import annotations

import pytest

from tests.faults.cells import AND, FAULTS, TOGETHER, cells
from tests.faults.rounds import Rounds

pytestmark = [pytest.mark.slow, pytest.mark.matrix]


def test_no_fault_is_left_out() -> None:
    assert sorted(AND.join(TOGETHER).split(AND)) == sorted(FAULTS)


@pytest.mark.parametrize("fault", TOGETHER)
def test_every_step_survives(rounds: Rounds, fault: str, request: pytest.FixtureRequest) -> None:
    if fault.startswith("clock"):
        request.getfixturevalue("clock")

    results = list(rounds.run(cells(fault)))

    assert [f"{each.cell}: {each.detail}" for each in results if not each.is_kept] == []
