"""The small charts keep inside their box and say in words what they draw."""

from __future__ import annotations

from datetime import timedelta

from web import charts
from web.styleguide import Run


def test_a_sparkline_runs_from_left_to_right_and_breaks_at_gaps() -> None:
    drawn = charts.spark([0, 1, None, 1, 0])

    assert drawn.line == "M0.0 23.0L25.0 1.0M75.0 1.0L100.0 23.0"


def test_a_value_above_the_ceiling_stays_inside() -> None:
    assert charts.spark([5.0, 2.0], ceiling=1.0).line == "M0.0 1.0L100.0 1.0"


def test_nothing_known_draws_nothing() -> None:
    assert charts.spark([None, None]).line == ""
    assert charts.bars([]).words == "no runs yet"


def test_bars_show_the_newest_runs_and_count_them_in_words() -> None:
    runs = [Run("failed", timedelta(seconds=1))] * 3 + [Run("success", timedelta(seconds=9))] * 14

    drawn = charts.bars(runs)

    assert len(drawn.bars) == 14
    assert drawn.words == "14 success"
    assert {bar.height for bar in drawn.bars} == {24.0}
