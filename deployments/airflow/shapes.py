"""What Airflow's REST API says, in one shape for both majors.

Source: OpenAPI of Airflow 3.3 (`/api/v2`) and 2.11 (`/api/v1`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

ACTIVE_RUN = frozenset({"queued", "running"})
ENDED_TASK = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
_LINE = re.compile(r'File "([^"]+)", line (\d+)')

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Dag:
    id: str
    name: str
    is_paused: bool
    description: str
    schedule: str
    """As Airflow words it, or its cron expression; empty for none."""
    schedule_detail: str
    next_run_at: datetime | None
    tags: tuple[str, ...]
    owners: tuple[str, ...]
    file: str
    file_token: str
    has_import_errors: bool
    version: str = ""
    """Of the bundle that it was last parsed from, which is a deploy's id; Airflow 2 has none."""
    parsed_at: datetime | None = None

    @classmethod
    def read(cls, given: Json) -> Dag:
        summary = _summary(given)
        return cls(
            id=str(given["dag_id"]),
            name=str(given.get("dag_display_name") or given["dag_id"]),
            is_paused=bool(given.get("is_paused")),
            description=str(given.get("description") or ""),
            schedule=_schedule(str(given.get("timetable_description") or ""), summary),
            schedule_detail=summary,
            next_run_at=_moment(
                given.get("next_dagrun_run_after") or given.get("next_dagrun_create_after")
            ),
            tags=tuple(sorted(str(tag["name"]) for tag in given.get("tags") or ())),
            owners=tuple(str(owner) for owner in given.get("owners") or ()),
            file=str(given.get("relative_fileloc") or given.get("fileloc") or ""),
            file_token=str(given.get("file_token") or ""),
            has_import_errors=bool(given.get("has_import_errors")),
            version=str(given.get("bundle_version") or ""),
            parsed_at=_moment(given.get("last_parsed_time")),
        )


@dataclass(frozen=True)
class DagRun:
    id: str
    dag_id: str
    state: str
    kind: str
    run_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    version: str
    """Of the bundle, which is a deploy's id; Airflow 2 has none."""
    triggered_by: str
    conf: Json

    @classmethod
    def read(cls, given: Json) -> DagRun:
        return cls(
            id=str(given["dag_run_id"]),
            dag_id=str(given["dag_id"]),
            state=str(given.get("state") or "queued"),
            kind=str(given.get("run_type") or ""),
            run_at=_moment(given.get("run_after") or given.get("logical_date")),
            started_at=_moment(given.get("start_date")),
            finished_at=_moment(given.get("end_date")),
            version=str(given.get("bundle_version") or ""),
            triggered_by=str(given.get("triggering_user_name") or ""),
            conf=given.get("conf") or {},
        )

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_RUN

    @property
    def duration(self) -> timedelta | None:
        return _between(self.started_at, self.finished_at)


@dataclass(frozen=True)
class TaskInstance:
    task_id: str
    run_id: str
    map_index: int
    """-1 unless the task is mapped."""
    state: str
    operator: str
    tries: int
    """How many attempts there were; each has its own log."""
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def read(cls, given: Json) -> TaskInstance:
        return cls(
            task_id=str(given["task_id"]),
            run_id=str(given.get("dag_run_id") or ""),
            map_index=int(given.get("map_index", -1)),
            state=str(given.get("state") or "no_status"),
            operator=str(given.get("operator") or ""),
            tries=int(given.get("try_number") or 0),
            started_at=_moment(given.get("start_date")),
            finished_at=_moment(given.get("end_date")),
        )

    @property
    def is_mapped(self) -> bool:
        return self.map_index >= 0

    @property
    def is_over(self) -> bool:
        return self.state in ENDED_TASK

    @property
    def duration(self) -> timedelta | None:
        return _between(self.started_at, self.finished_at)


@dataclass(frozen=True)
class ImportError_:  # noqa: N801 - Python took the name
    file: str
    line: int | None
    message: str
    trace: str
    at: datetime | None

    @classmethod
    def read(cls, given: Json) -> ImportError_:
        trace = str(given.get("stack_trace") or "")
        file = str(given.get("filename") or "")
        lines = [line.strip() for line in trace.splitlines() if line.strip()]
        return cls(
            file=file,
            line=_line_of(trace, file),
            message=lines[-1] if lines else "No reason given",
            trace=trace,
            at=_moment(given.get("timestamp")),
        )


@dataclass(frozen=True)
class LogEntry:
    """One line of a task's log."""

    text: str
    at: datetime | None = None
    level: str = ""
    source: str = ""


def _moment(given: Any) -> datetime | None:
    return datetime.fromisoformat(given) if given else None


def _between(begin: datetime | None, end: datetime | None) -> timedelta | None:
    return end - begin if begin and end else None


def _line_of(trace: str, file: str) -> int | None:
    """The last line of the file itself that the trace names, else the last of any file."""
    found = _LINE.findall(trace)
    own = [line for name, line in found if file and name.endswith(file)]
    numbers = own or [line for _, line in found]
    return int(numbers[-1]) if numbers else None


def _summary(given: Json) -> str:
    interval = given.get("schedule_interval")
    if isinstance(interval, Mapping):
        if "value" in interval:
            return str(interval["value"])
        parts = {unit: interval.get(unit) or 0 for unit in ("days", "seconds", "microseconds")}
        return f"every {timedelta(**parts)}" if any(parts.values()) else ""
    return str(given.get("timetable_summary") or "")


def _schedule(description: str, summary: str) -> str:
    if description.startswith("Never"):
        return ""
    return description or summary
