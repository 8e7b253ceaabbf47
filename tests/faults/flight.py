"""Tasks in flight on a real Airflow, as hard to end as they come."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from astro_ui.bench.waiting import until
from deployments.provisioners.local import processes
from tests.faults.world import World

DAG = '''\
"""An airflow dag whose tasks try to get away."""
import os, time
from datetime import datetime
from pathlib import Path
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag, task

SECONDS = 120
FOLDER = Path(os.environ["AIRFLOW_HOME"], "tasks")
NOTE = f"mkdir -p {FOLDER}; cut -d' ' -f22 /proc/$$/stat > {FOLDER}/$$; sleep {SECONDS}"


@dag(schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False)
def flight():
    BashOperator(task_id="own_env", bash_command=NOTE, env={"COLOUR": "blue"})

    @task
    def forks_twice():
        for _ in range(2):
            if os.fork():
                if _ == 0:
                    time.sleep(SECONDS)
                    return
                os._exit(0)
            os.setsid()
        os.execve("/bin/sh", ["sh", "-c", NOTE], {})

    forks_twice()


flight()
'''
"""The second fork's first half ends at once, so that what remains has no parent in Airflow."""


def start(world: World, deployment_id: str, *, seconds: float = 120) -> None:
    """Trigger a run, and wait until both of its tasks are up."""
    address = world.call("GET", deployment_id)["webServerAirflowApiUrl"]
    dag = f"http://{address}/dags/flight"

    def ask(method: str, path: str = "", body: Any = None) -> Any:
        return world.line.call(method, f"{dag}{path}", body, world.headers)

    tasks = world.place(deployment_id).home / "tasks"
    before = set(tasks.glob("*"))
    until(lambda: ask("GET"), "the DAG in Airflow", seconds=seconds, every=0.5)
    with suppress(RuntimeError):
        ask("PATCH", body={"is_paused": False})
    ask("POST", "/dagRuns", {"logical_date": None})
    until(lambda: len(set(tasks.glob("*")) - before) >= 2, "two tasks", seconds=seconds, every=0.2)


def are_up(world: World, deployment_id: str) -> bool:
    """Do both tasks of a run run?"""
    return len(running(world.place(deployment_id).home)) >= 2


def running(home: Path) -> dict[int, int]:
    """Processes of tasks that noted themselves, and when each began."""
    noted = {int(path.name): path.read_text(encoding="utf-8") for path in home.glob("tasks/*")}
    return {
        pid: int(began)
        for pid, began in noted.items()
        if began and processes.is_alive((pid, int(began)))
    }
