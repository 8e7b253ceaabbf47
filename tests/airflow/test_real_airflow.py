"""The client against real Airflows: what the tiny server of the other tests pretends is so."""

from __future__ import annotations

import pytest

from deployments.airflow import Airflow
from deployments.airflow.errors import AirflowSilent
from tests.runtime.airflow_stack import Airflow as RealAirflow
from tests.runtime.airflow_stack import dag_file, wait_for
from tests.runtime.conftest import airflow as real_airflow
from tests.runtime.conftest import postgres

__all__ = ["postgres", "real_airflow"]

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

BROKEN = "from airflow import DAG\n\nimport pandaz\n"


def client(real: RealAirflow) -> Airflow:
    token = real.signer.token(role="Admin", sub="console", name="Astro UI")
    return Airflow(real.url, major=real.release.airflow_major, token=token)


def finished(real: RealAirflow, run_id: str, *, tries: int) -> bool:
    """Airflow may be silent for a while on a busy machine; who waits has a deadline."""
    try:
        with client(real) as airflow:
            run = airflow.run("hello", run_id)
            tasks = airflow.tasks("hello", run_id)
    except AirflowSilent:
        return False
    return run.state == "success" and [task.tries for task in tasks] == [tries]


def test_a_dag_is_triggered_read_cleared_and_marked(
    real_airflow: RealAirflow,
) -> None:
    files = {"dags/hello.py": dag_file("hello"), "dags/broken.py": BROKEN}
    real_airflow.deploy("v2", files)
    with client(real_airflow) as airflow:
        wait_for(
            lambda: airflow.import_errors() and airflow.dags(dag_id_pattern="HELL").dags,
            seconds=60,
            what="hello and the import error visible",
        )
        error = airflow.import_errors()[0]
        assert (error.file.rsplit("/", 1)[-1], error.line) == ("broken.py", 3)
        assert error.message == "ModuleNotFoundError: No module named 'pandaz'"

        airflow.set_paused("hello", is_paused=False)
        dag = airflow.dags(paused="false", order_by="dag_id").dags[0]
        assert (dag.id, dag.schedule, dag.is_paused) == ("hello", "", False)
        assert "def build()" in airflow.code(dag)

        run = airflow.trigger("hello", {"day": "monday"})
        assert run.conf == {"day": "monday"}
        wait_for(
            lambda: finished(real_airflow, run.id, tries=1), seconds=90, what="the run succeeded"
        )
        assert [found.id for found in airflow.latest_runs(["hello"])] == [run.id]
        assert [found.id for found in airflow.runs("hello", limit=5)] == [run.id]
        assert airflow.runs("hello", limit=5, states=["failed"]) == []
        said = list(airflow.log("hello", run.id, "speak", attempt=1))
        assert any("hello" in line.text and line.at for line in said)

        assert airflow.clear("hello", run.id, is_preview=True) == ["speak"]
        assert airflow.clear("hello", run.id, only_failed=True, is_preview=True) == []
        assert airflow.clear("hello", run.id, task_id="speak", is_preview=False) == ["speak"]
        wait_for(
            lambda: finished(real_airflow, run.id, tries=2), seconds=90, what="it ran once more"
        )
        assert list(airflow.log("hello", run.id, "speak", attempt=2))

        airflow.mark_task("hello", run.id, "speak", "failed")
        assert airflow.task("hello", run.id, "speak").state == "failed"
        airflow.mark_run("hello", run.id, "failed")
        assert airflow.run("hello", run.id).state == "failed"
