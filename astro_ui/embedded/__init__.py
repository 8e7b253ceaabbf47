"""The parts that the console brings along: PostgreSQL and Redis in the data directory."""

from __future__ import annotations

from pathlib import Path


def database_url(data: Path) -> str:
    """The console's own database in the embedded server, or "" before its first start."""
    return _read(data / "run" / "database_url")


def redis_url(data: Path) -> str:
    return _read(data / "run" / "redis_url")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""
