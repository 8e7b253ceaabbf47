"""Component logs: the files of all components as one stream, in the order of time.

A cursor names how far into each file a reader has come, by inode, so that it stays good while
files are rotated and grow.
"""

from __future__ import annotations

import heapq
import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..base import LogLine, LogQuery

LEVELS = {"DEBUG": 0, "INFO": 1, "WARNING": 2, "WARN": 2, "ERROR": 3, "CRITICAL": 4, "FATAL": 4}
_TIME = re.compile(
    r"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?)\s?(Z|[+-]\d\d:?\d\d)?\]?\s*"
)
_LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)\b", re.IGNORECASE)
_LEVEL_FIRST = re.compile(
    r"\A(?:\[(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)\s*\]\s*)", re.IGNORECASE
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LEVEL_REACH = 120
"""A level stands near the beginning of a line; further on it is part of the message."""


@dataclass(frozen=True)
class _Entry:
    at: datetime | None
    component: str
    level: str
    text: str
    inode: int
    end: int


def read(folder: Path, query: LogQuery) -> Iterator[LogLine]:
    """The newest `query.limit` lines that match, oldest first."""
    position = _parse_cursor(query.after)
    streams = [
        _component(folder, name, position.get(name))
        for name in _components(folder)
        if not query.components or name in query.components
    ]
    lines: deque[LogLine] = deque(maxlen=query.limit)
    for entry in heapq.merge(
        *streams, key=lambda each: each.at or datetime.min.replace(tzinfo=UTC)
    ):
        position[entry.component] = (entry.inode, entry.end)
        if _matches(entry, query):
            cursor = _make_cursor(position)
            lines.append(LogLine(cursor, entry.at, entry.component, entry.level, entry.text))
    yield from lines


def _components(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.log")) if folder.is_dir() else []


def _component(folder: Path, name: str, after: tuple[int, int] | None) -> Iterator[_Entry]:
    """One component's lines from the oldest file on; a line without time takes the last one's."""
    files = [path for path in _rotated(folder, name) if path.exists()]
    inodes = [path.stat().st_ino for path in files]
    first = inodes.index(after[0]) if after and after[0] in inodes else 0
    at, level = None, "INFO"
    for path, inode in list(zip(files, inodes, strict=True))[first:]:
        start = after[1] if after and after[0] == inode else 0
        for text, end in _lines(path, start):
            at, level, shown = _understand(text, at, level)
            yield _Entry(at, name, level, shown, inode, end)


def _rotated(folder: Path, name: str) -> Iterable[Path]:
    older = sorted(
        (path for path in folder.glob(f"{name}.log.*") if path.suffix[1:].isdigit()),
        key=lambda path: -int(path.suffix[1:]),
    )
    return [*older, folder / f"{name}.log"]


def _lines(path: Path, start: int) -> Iterator[tuple[str, int]]:
    """Complete lines with the place where each ends; the last one may still be written."""
    with path.open("rb") as file:
        file.seek(start)
        end = start
        for raw in file:
            end += len(raw)
            if raw.endswith(b"\n"):
                yield _COLOUR.sub("", raw.decode(errors="replace")).rstrip(), end


def _understand(text: str, at: datetime | None, level: str) -> tuple[datetime | None, str, str]:
    """Time, level and text of a line: Airflow 2 and 3, gunicorn, uvicorn or JSON."""
    if text.startswith("{") and (entry := _as_json(text)):
        stamp = _moment(str(entry.get("timestamp", "")))
        shown = str(entry.get("event") or entry.get("message") or text)
        return stamp or at, _level(str(entry.get("level", ""))) or "INFO", shown
    stamp = _moment(text[:40])
    found = _level(text[:_LEVEL_REACH])
    if stamp:
        return stamp, found or "INFO", _message(text)
    # `INFO:  …` begins a new record without a time; anything else continues the one before.
    begins = bool(found) and text.upper().startswith(found)
    return at, found if begins else level, text


def _message(text: str) -> str:
    """What follows the time, and the level where that comes next: both have fields of their own."""
    return _LEVEL_FIRST.sub("", _TIME.sub("", text, count=1), count=1)


def _as_json(text: str) -> dict[str, Any]:
    try:
        entry = json.loads(text)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _moment(text: str) -> datetime | None:
    match = _TIME.match(text)
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(match[1].replace(",", ".") + (match[2] or "Z"))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # whoever prints may print the 99th of any month
        return None


def _level(text: str) -> str:
    match = _LEVEL.search(text)
    found = match[1].upper() if match else ""
    return {"WARN": "WARNING", "FATAL": "CRITICAL"}.get(found, found)


def _matches(entry: _Entry, query: LogQuery) -> bool:
    return (
        (query.since is None or (entry.at is not None and entry.at >= query.since))
        and (query.until is None or (entry.at is not None and entry.at <= query.until))
        and (not query.minimum_level or _rank(entry.level) >= _rank(query.minimum_level))
        and query.search.lower() in entry.text.lower()
    )


def _rank(level: str) -> int:
    return LEVELS.get(level.upper(), 1)


def _make_cursor(position: dict[str, tuple[int, int]]) -> str:
    return "~".join(f"{name}.{inode}.{end}" for name, (inode, end) in sorted(position.items()))


def _parse_cursor(cursor: str) -> dict[str, tuple[int, int]]:
    """A cursor that is no cursor reads from the beginning."""
    position = {}
    for part in filter(None, cursor.split("~")):
        name, _, numbers = part.partition(".")
        inode, _, end = numbers.partition(".")
        if inode.isdigit() and end.isdigit():
            position[name] = (int(inode), int(end))
    return position


def tail(folder: Path, name: str, *, lines: int) -> list[str]:
    """The last lines of one component, for a failure's cause."""
    path = folder / f"{name}.log"
    if not path.exists():
        return []
    start = max(path.stat().st_size - os.sysconf("SC_PAGE_SIZE") * 4, 0)
    return [text for text, _ in _lines(path, start)][-lines:]
