"""Times, durations and sizes are said as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from web import spoken

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (0.0004, "1 ms"),
        (0.45, "450 ms"),
        (3, "3 s"),
        (3.21, "3.2 s"),
        (9.97, "10 s"),
        (59.6, "1 min"),
        (80, "1 min 20 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert spoken.duration(seconds) == said


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=2), "just now"),
        (timedelta(seconds=-2), "just now"),
        (timedelta(seconds=12), "12 s ago"),
        (timedelta(minutes=5, seconds=50), "5 min ago"),
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(days=29), "29 d ago"),
        (timedelta(days=31), "1 Feb 2026"),
    ],
)
def test_relative_times(ago: timedelta, said: str) -> None:
    assert spoken.relative(NOW - ago, now=NOW) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1024**2, "1 MiB"), (1024**2 - 1, "1 MiB")],
)
def test_sizes(count: int, said: str) -> None:
    assert spoken.size(count) == said
