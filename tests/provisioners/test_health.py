"""From when on a component's heart is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from deployments.provisioners.local import airflow_health
from deployments.provisioners.local.health import beats_count_from

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def scheduler_beats(beat: datetime, *, since: datetime) -> bool:
    report = {"scheduler": {"status": "healthy", "latest_scheduler_heartbeat": beat.isoformat()}}
    return airflow_health.understand(report, since=since).components["scheduler"]


def test_a_beat_counts_from_the_start_on() -> None:
    since = beats_count_from(NOON, NOON + timedelta(seconds=20))

    assert scheduler_beats(NOON + timedelta(seconds=5), since=since)
    assert not scheduler_beats(NOON - timedelta(seconds=5), since=since)


def test_a_clock_set_back_by_hours_does_not_make_it_ill_for_hours() -> None:
    nine = NOON - timedelta(hours=3)
    since = beats_count_from(NOON, nine)

    assert scheduler_beats(nine + timedelta(seconds=5), since=since)
