"""Consoles for the matrix: over the stand-in, and over real Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astro_ui.bench.waiting import until
from tests.faults import faults, flight
from tests.faults.stock import Kind
from tests.faults.world import World, running
from tests.provisioners.cluster import own_ports

LONG_STEPS = frozenset(
    {
        "prepare-template",
        "start-components",
        "wait-healthy",
        "show-dags",
        "stop-components",
    }
)
"""Of a real Airflow: they take long enough to be struck in their middle, too."""
STANDIN = Kind({}, files={})
AIRFLOW = Kind(
    {"astroRuntimeVersion": "3.3-8"},
    files={"flight": flight.DAG},
    patience_seconds=300.0,  # half of an operation's deadline: many may start at once
    long_steps=LONG_STEPS,
    start_tasks=flight.start,
    are_tasks_up=flight.are_up,
)
GRACE_SECONDS = 15
"""Of the door while the console's database is away; otherwise it is a minute."""
_STANDIN = "tests.provisioners.standin.agent"
_ONE_WEB_PROCESS = {"ASTRO_UI_WEB_PROCESSES": "1"}
"""So that a fault of the web server leaves no other behind which pages could live on."""
_HELD = "tests.faults.held_agent"


@contextmanager
def standin_console(data: Path) -> Iterator[World]:
    variables = faults.clock_variables(data.parent)
    variables |= {
        "ASTRO_UI_AGENT_MODULE": _STANDIN,
        "ASTRO_UI_AIRFLOW_PORTS": own_ports(24000, 200),
        "ASTRO_UI_AIRFLOW_GRACE_SECONDS": str(GRACE_SECONDS),
        "STANDIN_SWEEP_SECONDS": "2",  # each look at some hundred processes costs
    }
    with running(data, **_ONE_WEB_PROCESS, **variables) as world:
        yield world


@contextmanager
def airflow_console(data: Path, *, environments: Path) -> Iterator[World]:
    """`environments` is a folder for what is built, and has been before."""
    variables = faults.clock_variables(data.parent)
    cluster = data / "cluster"
    cluster.mkdir(mode=0o711, parents=True)
    data.chmod(0o711)
    (cluster / "environments").symlink_to(environments)
    variables |= {"ASTRO_UI_AIRFLOW_PORTS": "24400-24599", "ASTRO_UI_AGENT_MODULE": _HELD}
    with running(data, **_ONE_WEB_PROCESS, **variables) as world:
        if any(environments.glob("*-py*")):  # then it is loaded, and starts cost a fifth
            until(lambda: [*(data / "run").glob("nursery-*.sock")], "a loaded Airflow")
        yield world
