"""Airflow's health document, in which a stored heartbeat may be of a former life."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from deployments.provisioners.local.airflow_health import understand

STARTED = datetime(2026, 5, 9, 7, 0, 0, tzinfo=UTC)
BEFORE, AFTER = "2026-05-09T06:59:59.000000+00:00", "2026-05-09T07:00:01.000000+00:00"


def document(beat: str, status: str = "healthy") -> dict[str, Any]:
    return {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": status, "latest_scheduler_heartbeat": beat},
        "triggerer": {"status": "healthy", "latest_triggerer_heartbeat": AFTER},
        "dag_processor": {"status": "healthy", "latest_dag_processor_heartbeat": AFTER},
    }


def test_all_beat() -> None:
    health = understand(document(AFTER), since=STARTED)

    assert health.answers
    assert health.components == {"scheduler": True, "triggerer": True, "dag-processor": True}


def test_a_beat_from_before_the_start_does_not_count() -> None:
    assert not understand(document(BEFORE), since=STARTED).components["scheduler"]


def test_airflow_says_unhealthy() -> None:
    assert not understand(document(AFTER, "unhealthy"), since=STARTED).components["scheduler"]


def test_without_its_database_the_web_server_does_not_count_as_answering() -> None:
    report = {**document(AFTER), "metadatabase": {"status": "unhealthy"}}

    assert not understand(report, since=STARTED).answers
