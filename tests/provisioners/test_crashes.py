"""A start is given up for components that crash, not for a database that is away."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployments.provisioners.base import Component, ProvisionerError
from deployments.provisioners.local.crashes import Crashes


def scheduler(restarts: int) -> list[Component]:
    return [Component("scheduler", is_healthy=False, detail="backoff", restarts=restarts)]


def test_the_third_crash_is_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "scheduler.log").write_text("no such option\n", encoding="utf-8")
    crashes = Crashes(tmp_path, database_answers=lambda: True)
    for restarts in range(3):
        crashes.judge(scheduler(restarts))

    with pytest.raises(ProvisionerError, match="scheduler does not stay up: no such option"):
        crashes.judge(scheduler(3))


def test_what_ends_while_the_database_is_away_does_not_count(tmp_path: Path) -> None:
    is_there = False
    crashes = Crashes(tmp_path, database_answers=lambda: is_there)
    for restarts in range(6):
        crashes.judge(scheduler(restarts))

    is_there = True
    crashes.judge(scheduler(7))
    with pytest.raises(ProvisionerError, match="does not stay up"):
        crashes.judge(scheduler(8))


def test_what_ended_before_somebody_waited_does_not_count(tmp_path: Path) -> None:
    """It was restarted with its database, say, while the agent was away: each later deploy would
    fail for that, and each retry."""
    crashes = Crashes(tmp_path, database_answers=lambda: True)
    for restarts in range(7, 10):
        crashes.judge(scheduler(restarts))

    with pytest.raises(ProvisionerError, match="does not stay up"):
        crashes.judge(scheduler(10))
