"""What an Airflow says of its own health.

Source: Airflow's public health endpoint, `/api/v2/monitor/health` (3.x) and `/health` (2.x). It
answers from stored heartbeats, so that one from before the start proves nothing.
"""

from __future__ import annotations

import json
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from .recipe import Health

TIMEOUT_SECONDS = 3
PATHS = {2: "/health", 3: "/api/v2/monitor/health"}
WATCHED = {
    "scheduler": ("scheduler", "latest_scheduler_heartbeat"),
    "triggerer": ("triggerer", "latest_triggerer_heartbeat"),
    "dag-processor": ("dag_processor", "latest_dag_processor_heartbeat"),
}


def ask(port: int, *, base_url: str, major: int, since: datetime) -> Health:
    """Ask the web server on `port`; silence is an answer too."""
    prefix = urlsplit(base_url).path.rstrip("/")
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", prefix + PATHS[major])
        response = connection.getresponse()
        text = response.read()
        report = json.loads(text) if response.status == 200 else None
    except (OSError, HTTPException, ValueError):
        return Health(answers=False)
    finally:
        connection.close()
    return understand(report, since=since) if isinstance(report, dict) else Health(answers=False)


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
