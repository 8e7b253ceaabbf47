"""Whether a Celery worker takes tasks, as the Deployment's own broker knows it."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import pytest
import redis

from astro_ui.bench.waiting import until
from deployments.provisioners.local import broker


@pytest.fixture
def plan() -> Iterator[Any]:
    """Of a Deployment whose Redis runs; a socket's path has to be short."""
    with TemporaryDirectory(dir="/tmp", prefix="broker-") as folder:
        home = Path(folder)
        place = SimpleNamespace(home=home, deployment_id="one")
        plan = SimpleNamespace(place=place, uid=0, spec=SimpleNamespace(deployment_id="one"))
        program = broker.program(cast("Any", plan), shared=home)
        with subprocess.Popen(program.argv, cwd=home, stdout=subprocess.DEVNULL) as server:
            until((home / "redis.sock").exists, "Redis")
            yield plan
            server.terminate()


def test_a_worker_is_there_while_it_listens_for_commands(plan: Any) -> None:
    assert broker.has_worker(plan) is False
    with redis.Redis(unix_socket_path=str(plan.place.home / "redis.sock")) as client:
        listener = client.pubsub()
        listener.psubscribe("/0.celery.pidbox")  # as kombu does for a worker's pidbox
        until(lambda: broker.has_worker(plan), "the worker")
        listener.close()
        until(lambda: not broker.has_worker(plan), "its end")


def test_there_is_none_where_no_broker_answers(plan: Any) -> None:
    silent = SimpleNamespace(place=SimpleNamespace(home=plan.place.home / "other"))
    silent.place.home.mkdir()
    assert broker.has_worker(cast("Any", silent)) is False
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(silent.place.home / "redis.sock"))
        line.listen()
        assert broker.has_worker(cast("Any", silent)) is False
