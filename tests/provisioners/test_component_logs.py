"""Component logs of both majors, as one stream."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deployments.provisioners.base import LogLine, LogQuery
from deployments.provisioners.local import component_logs

MOMENT = datetime(2026, 5, 9, 7, 29, 33, 123000, tzinfo=UTC)


def read(folder: Path, **wish: object) -> list[LogLine]:
    return list(component_logs.read(folder, LogQuery(**wish)))  # type: ignore[arg-type]


def write(folder: Path, component: str, *lines: str) -> None:
    with (folder / f"{component}.log").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        (
            "2026-05-09T07:29:33.123000Z [warning  ] Slow [a.b] loc=c.py:1",
            "WARNING",
            "Slow [a.b] loc=c.py:1",
        ),
        (
            "[2026-05-09T07:29:33.123+0000] {scheduler.py:12} ERROR - Broken",
            "ERROR",
            "{scheduler.py:12} ERROR - Broken",
        ),
        (
            '{"timestamp": "2026-05-09T07:29:33.123000Z", "level": "error", "event": "Broken"}',
            "ERROR",
            "Broken",
        ),
        (
            "2026-05-09T07:29:33.123000Z [info     ] no error here at all",
            "INFO",
            "no error here at all",
        ),
    ],
)
def test_time_and_level_of_each_format_have_fields_of_their_own(
    tmp_path: Path, line: str, level: str, text: str
) -> None:
    write(tmp_path, "scheduler", line)

    (entry,) = read(tmp_path)

    assert (entry.at, entry.level, entry.text) == (MOMENT, level, text)


def test_gunicorn_has_whole_seconds(tmp_path: Path) -> None:
    write(tmp_path, "webserver", "[2026-05-09 07:29:33 +0000] [12] [INFO] Booting worker")

    (entry,) = read(tmp_path)

    assert entry.at == MOMENT.replace(microsecond=0)
    assert entry.level == "INFO"


def test_a_stack_trace_belongs_to_its_line(tmp_path: Path) -> None:
    error = "2026-05-09T07:29:33.123000Z [error    ] Broken"
    write(tmp_path, "scheduler", error, "Traceback (most recent call last):", "  File x")
    write(tmp_path, "scheduler", "2026-05-09T07:29:34.000000Z [info     ] Fine")

    assert [line.text for line in read(tmp_path, minimum_level="ERROR")] == [
        "Broken",
        "Traceback (most recent call last):",
        "  File x",
    ]


def test_components_are_merged_by_time(tmp_path: Path) -> None:
    write(tmp_path, "scheduler", "2026-05-09T07:00:01Z [info] b", "2026-05-09T07:00:03Z [info] d")
    write(tmp_path, "triggerer", "2026-05-09T07:00:00Z [info] a", "2026-05-09T07:00:02Z [info] c")

    assert [line.text[-1] for line in read(tmp_path)] == ["a", "b", "c", "d"]
    assert [line.text[-1] for line in read(tmp_path, limit=2)] == ["c", "d"]
    assert [line.text[-1] for line in read(tmp_path, components=("triggerer",))] == ["a", "c"]


def test_a_cursor_survives_rotation_and_misses_nothing(tmp_path: Path) -> None:
    write(tmp_path, "scheduler", "2026-05-09T07:00:01Z [info] a")
    write(tmp_path, "triggerer", "2026-05-09T07:00:09Z [info] b")
    seen = read(tmp_path)[-1].cursor

    write(tmp_path, "scheduler", "2026-05-09T07:00:02Z [info] c")
    (tmp_path / "scheduler.log").rename(tmp_path / "scheduler.log.1")
    write(tmp_path, "scheduler", "2026-05-09T07:00:03Z [info] d")

    assert [line.text[-1] for line in read(tmp_path, after=seen)] == ["c", "d"]


def test_a_line_that_is_still_written_waits(tmp_path: Path) -> None:
    (tmp_path / "scheduler.log").write_text("2026-05-09T07:00:01Z [info] half")

    assert read(tmp_path) == []


def test_a_cursor_that_is_none_reads_from_the_beginning(tmp_path: Path) -> None:
    write(tmp_path, "scheduler", "2026-05-09T07:00:01Z [info] a")

    assert len(read(tmp_path, after="nonsense~x.1")) == 1


@pytest.mark.parametrize("stamp", ["2026-99-99T07:29:33Z", "0001-01-01T00:00:00+14:00"])
def test_a_moment_that_never_was_is_text(tmp_path: Path, stamp: str) -> None:
    write(tmp_path, "scheduler", f"{stamp} said")

    assert [line.at for line in read(tmp_path)] == [None]
