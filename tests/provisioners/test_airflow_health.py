"""Airflow's health document, in which a stored heartbeat may be of a former life."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from socket import create_server
from threading import Thread
from typing import Any

import pytest

from deployments.provisioners.local import airflow_health
from deployments.provisioners.local.airflow_health import understand
from deployments.provisioners.local.recipe import Health

STARTED = datetime(2026, 5, 9, 7, 0, 0, tzinfo=UTC)
BEFORE, AFTER = "2026-05-09T06:59:59.000000+00:00", "2026-05-09T07:00:01.000000+00:00"


def document(beat: str, status: str = "healthy") -> dict[str, Any]:
    return {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": status, "latest_scheduler_heartbeat": beat},
        "triggerer": {"status": "healthy", "latest_triggerer_heartbeat": AFTER},
        "dag_processor": {"status": "healthy", "latest_dag_processor_heartbeat": AFTER},
    }


def test_all_beat() -> None:
    health = understand(document(AFTER), since=STARTED)

    assert health.answers
    assert health.components == {"scheduler": True, "triggerer": True, "dag-processor": True}


def test_a_beat_from_before_the_start_does_not_count() -> None:
    assert not understand(document(BEFORE), since=STARTED).components["scheduler"]


def test_airflow_says_unhealthy() -> None:
    assert not understand(document(AFTER, "unhealthy"), since=STARTED).components["scheduler"]


def test_without_its_database_the_web_server_does_not_count_as_answering() -> None:
    report = {**document(AFTER), "metadatabase": {"status": "unhealthy"}}

    assert not understand(report, since=STARTED).answers


OK = b"HTTP/1.0 200 OK\r\n\r\n"


def ask(answer: Iterable[bytes]) -> Health:
    """Of a server that answers these bytes, one part after another."""
    with create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                line.recv(1000)
                for part in answer:
                    line.sendall(part)

        Thread(target=serve, daemon=True).start()
        port = server.getsockname()[1]
        return airflow_health.ask(port, base_url="http://a.localhost/", major=3, since=STARTED)


def test_it_is_asked_over_http() -> None:
    assert ask([OK, json.dumps(document(AFTER)).encode()]).answers


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b"\xff",
        b'{"metadatabase": {"status": "healthy"}, "scheduler": {"status": "healthy",'
        b' "latest_scheduler_heartbeat": "soon"}}',
        b'{"scheduler": {"status": "healthy", "latest_scheduler_heartbeat": 7}}',
        b'{"scheduler": {"status": "healthy", "latest_scheduler_heartbeat": "2026-05-09"}}',
    ],
)
def test_nonsense_is_no_health_and_no_error(body: bytes) -> None:
    assert not ask([OK, body]).answers


def test_an_answer_that_drips_or_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airflow_health, "TIMEOUT_SECONDS", 0.2)

    assert not ask(itertools.chain([OK], itertools.repeat(b" "))).answers
    assert not ask(itertools.repeat(b"X-More: 1\r\n" * 1000)).answers
