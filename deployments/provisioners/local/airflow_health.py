"""What an Airflow says of its own health.

Source: Airflow's public health endpoint, `/api/v2/monitor/health` (3.x) and `/health` (2.x). It
answers from stored heartbeats, so that one from before the start proves nothing.
"""

from __future__ import annotations

import json
import time
from datetime import datetime
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from socket import create_connection
from typing import Any
from urllib.parse import urlsplit

from ..listeners import is_genuine
from .recipe import Health

TIMEOUT_SECONDS = 3
LARGEST_ANSWER = 100_000
PATHS = {2: "/health", 3: "/api/v2/monitor/health"}
WATCHED = {
    "scheduler": ("scheduler", "latest_scheduler_heartbeat"),
    "triggerer": ("triggerer", "latest_triggerer_heartbeat"),
    "dag-processor": ("dag_processor", "latest_dag_processor_heartbeat"),
}


def ask(port: int, *, base_url: str, major: int, since: datetime, uid: int = 0) -> Health:
    """Ask the web server on `port`, if that is `uid`'s; silence is an answer too."""
    if not is_genuine(f"http://127.0.0.1:{port}", uid):
        return Health(answers=False)
    target = urlsplit(base_url).path.rstrip("/") + PATHS[major]
    try:
        response = HTTPResponse(_Heard(_hear(port, target)))  # type: ignore[arg-type]
        response.begin()
        report = json.loads(response.read()) if response.status == 200 else {}
        return understand(report, since=since)
    except (OSError, HTTPException, ValueError, TypeError, AttributeError):
        return Health(answers=False)  # its authors' code runs there: any answer may come


def _hear(port: int, target: str) -> bytes:
    """All that is answered; TimeoutError when that is much, or ends late however it drips."""
    deadline, found = time.monotonic() + TIMEOUT_SECONDS, b""
    with create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as line:
        line.sendall(f"GET {target} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        while len(found) <= LARGEST_ANSWER and (left := deadline - time.monotonic()) > 0:
            line.settimeout(left)
            if not (part := line.recv(LARGEST_ANSWER)):
                return found
            found += part
    raise TimeoutError("no answer of a healthy Airflow")


class _Heard:
    """What was received, where the standard library wants a socket."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._raw)


def understand(report: dict[str, Any], *, since: datetime) -> Health:
    """Read the health document; Airflow 2 has no dag-processor of its own."""
    beats = {
        name: _beats(report[key], beat, since)
        for name, (key, beat) in WATCHED.items()
        if isinstance(report.get(key), dict)
    }
    database = report.get("metadatabase")
    is_database_fine = isinstance(database, dict) and database.get("status") == "healthy"
    return Health(answers=is_database_fine, components=beats)


def _beats(part: dict[str, Any], beat: str, since: datetime) -> bool:
    moment = part.get(beat)
    if part.get("status") != "healthy" or not moment:
        return False
    return datetime.fromisoformat(moment.replace("Z", "+00:00")) >= since
