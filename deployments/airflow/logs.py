"""Task logs: structured entries of Airflow 3, text of Airflow 2, as one kind of line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from deployments.airflow.shapes import LogEntry

_HEAD = re.compile(
    r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\]\s+"
    r"(?:\{([^}]*)\}\s+)?(?:(DEBUG|INFO|WARNING|ERROR|CRITICAL)\s+-\s+)?"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_OWN = frozenset({"timestamp", "event", "level", "logger", "error_detail", "filename", "lineno"})
_KNOWN = frozenset(
    {"dag_id", "run_id", "task_id", "ti_id", "map_index", "try_number", "logical_date"}
)
"""What each entry of a task's log repeats, and whoever asked for the log has named."""
_GROUP, _GROUP_END = "::group::", "::endgroup::"
_SOURCES = "Log message source details"


def read(content: Any) -> Iterator[LogEntry]:
    """The lines of what the API gave as `content`.

    Groups are shown by their title. Where Airflow took the log from is left out: those are the
    cluster's folders, and a server that no cluster of ours runs.
    """
    is_source = False
    for entry in _entries(content):
        if entry.text.startswith(_GROUP):
            is_source = entry.text.endswith(_SOURCES)
            if not is_source:
                yield replace(entry, text=f"▾ {entry.text.removeprefix(_GROUP)}")
        elif entry.text.startswith(_GROUP_END):
            is_source = False
        elif not is_source:
            yield entry


def _entries(content: Any) -> Iterator[LogEntry]:
    if isinstance(content, str):
        yield from _text(_unpacked(content))
        return
    for entry in content:
        if isinstance(entry, Mapping):
            yield from _structured(entry)
        else:
            yield from _text(str(entry))


def _structured(entry: Mapping[str, Any]) -> Iterator[LogEntry]:
    at = datetime.fromisoformat(entry["timestamp"]) if entry.get("timestamp") else None
    level = str(entry.get("level") or "").upper()
    source = str(entry.get("logger") or "")
    text = _COLOUR.sub("", str(entry["event"]))
    hidden = _OWN | _KNOWN
    extra = " ".join(f"{key}={value}" for key, value in entry.items() if key not in hidden)
    for line in (f"{text}  {extra}" if extra else text).splitlines() or [""]:
        yield LogEntry(line, at, level, source)
    for line in _trace(entry.get("error_detail") or ()):
        yield LogEntry(line, at, level, source)


def _trace(details: Any) -> Iterator[str]:
    """An exception with its frames, worded as Python words it."""
    for error in details:
        if not isinstance(error, Mapping):
            continue
        for frame in error.get("frames") or ():
            place = f'File "{frame.get("filename")}", line {frame.get("lineno")}'
            yield f"  {place}, in {frame.get('name')}"
        yield f"{error.get('exc_type')}: {error.get('exc_value')}"


def _unpacked(content: str) -> str:
    """Airflow 2 writes its list of (host, text) as Python does."""
    try:
        pairs = ast.literal_eval(content)
        return "\n".join(str(text) for _, text in pairs)
    except (ValueError, SyntaxError, TypeError):
        return content


def _text(text: str) -> Iterator[LogEntry]:
    """Lines with time, place and level in front; one without them takes those of the last."""
    at, level, source = None, "", ""
    for raw in _COLOUR.sub("", text).splitlines():
        line = raw.rstrip()
        if head := _HEAD.match(line):
            at = datetime.fromisoformat(head[1].replace(",", "."))
            source, level = head[2] or "", head[3] or ""
            line = line[head.end() :]
        yield LogEntry(line, at, level, source)
