"""Whatever is killed, a Deployment ends as wished: one process tree, and nothing left after it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from deployments.provisioners.base import DeploymentSpec, Observation, Phase, State
from deployments.provisioners.local.processes import is_alive
from deployments.provisioners.local.record import Goal, Record
from tests.contracts.provisioner import project
from tests.contracts.specs import make_spec

from .cluster import Cluster, marked, own_ports, until
from .standin import agent

COMPONENT = str(agent.COMPONENT)
PORTS_EACH = 4
COMPONENTS = ["api-server", "scheduler", "dag-processor", "triggerer"]


def settled(cluster: Cluster, state: State, phase: Phase = Phase.RUNNING) -> Observation:
    until(lambda: cluster.provisioner.observe(state).phase is phase, phase, seconds=40)
    return cluster.provisioner.observe(state)


def details(cluster: Cluster, state: State) -> str:
    """What the steps say of themselves."""
    return " ".join(each.detail for each in cluster.provisioner.observe(state).steps)


def create(cluster: Cluster, **changes: object) -> tuple[DeploymentSpec, State]:
    spec = replace(make_spec(), **changes)  # type: ignore[arg-type]
    state = cluster.provisioner.apply(spec, {})
    settled(cluster, state)
    return spec, state


def record(cluster: Cluster, spec: DeploymentSpec) -> Record:
    return Record.load(cluster.data / "cluster/deployments" / spec.deployment_id / "agent.json")


def programs(spec: DeploymentSpec) -> Counter[str]:
    """How many processes run each component of this Deployment."""
    lines = [
        Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        for pid in marked(spec.deployment_id)
    ]
    # A process that is about to execute or has just ended has no arguments to show
    return Counter(words[words.index(COMPONENT) + 1] for words in lines if COMPONENT in words)


def tasks(cluster: Cluster, spec: DeploymentSpec) -> set[tuple[int, int]]:
    """(pid, started) of every task that the stand-in has ever started."""
    folder = cluster.data / "cluster/deployments" / spec.deployment_id / "home/tasks"
    files = {path: path.read_text() for path in folder.glob("*")}
    return {(int(path.name), int(text)) for path, text in files.items() if text}


def purge(cluster: Cluster, spec: DeploymentSpec, state: State) -> None:
    """Delete and purge, then insist that nothing is left."""
    cluster.provisioner.delete(state, generation=9)
    settled(cluster, state, Phase.ABSENT)
    cluster.provisioner.purge(state)
    assert marked(spec.deployment_id) == set()
    assert list((cluster.data / "cluster/deployments").iterdir()) == []
    with psycopg.connect(cluster.database_url) as connection:
        name = f"airflow_{spec.deployment_id}"
        for query in (
            "SELECT 1 FROM pg_database WHERE datname = %s",
            "SELECT 1 FROM pg_roles WHERE rolname = %s",
        ):
            assert connection.execute(query, [name]).fetchall() == []


@pytest.mark.parametrize("step", ["build-environment", "create-database", "wait-healthy"])
def test_an_agent_killed_in_the_middle_of_create_goes_on(cluster: Cluster, step: str) -> None:
    (cluster.data / "slow").write_text("0.5")
    spec = make_spec()
    state = cluster.provisioner.apply(spec, {})
    until(
        lambda: any(
            each.name == step and each.started_at
            for each in cluster.provisioner.observe(state).steps
        ),
        f"at {step}",
    )
    cluster.end(signal.SIGKILL)

    cluster.start()

    settled(cluster, state)
    assert programs(spec) == Counter(COMPONENTS)
    purge(cluster, spec, state)


def test_a_database_that_is_away_for_a_moment_fails_no_creation(cluster: Cluster) -> None:
    """Nobody can log in is as good as nobody there, and leaves this line to end it."""
    spec = make_spec()
    with psycopg.connect(cluster.database_url, autocommit=True) as line:
        line.execute("ALTER ROLE admin NOLOGIN")
        try:
            state = cluster.provisioner.apply(spec, {})
            until(lambda: "PostgreSQL" in details(cluster, state), "waiting for it")
        finally:
            line.execute("ALTER ROLE admin LOGIN")

    settled(cluster, state)
    assert "PostgreSQL" not in details(cluster, state)
    purge(cluster, spec, state)


def test_a_killed_agent_adopts_the_running_tree(cluster: Cluster) -> None:
    spec, state = create(cluster)
    before = record(cluster, spec).tree
    cluster.end(signal.SIGKILL)
    assert programs(spec) == Counter(COMPONENTS)

    cluster.start()

    settled(cluster, state)
    assert record(cluster, spec).tree == before
    purge(cluster, spec, state)


def test_an_ordered_stop_ends_the_trees_and_the_next_start_brings_them_back(
    cluster: Cluster,
) -> None:
    spec, state = create(cluster)

    cluster.end(signal.SIGTERM)
    assert marked(spec.deployment_id) == set()
    assert record(cluster, spec).goal is Goal.RUNNING

    cluster.start()
    settled(cluster, state)
    assert programs(spec) == Counter(COMPONENTS)


def test_an_ordered_stop_leaves_sleepers_asleep(cluster: Cluster) -> None:
    spec, state = create(cluster)
    cluster.provisioner.stop(state, generation=2)
    settled(cluster, state, Phase.STOPPED)
    cluster.end(signal.SIGTERM)

    cluster.start()

    settled(cluster, state, Phase.STOPPED)
    assert marked(spec.deployment_id) == set()


def test_a_killed_component_leaves_nothing_behind_and_returns_alone(cluster: Cluster) -> None:
    spec, state = create(cluster)
    others = {name: cluster.pid(spec.deployment_id, name) for name in COMPONENTS[2:]}
    scheduler = cluster.pid(spec.deployment_id, "scheduler")
    # A deaf one, one in a session of its own, and one that got away by forking twice
    until(lambda: len(tasks(cluster, spec)) == 3, "with three tasks in flight")
    family = tasks(cluster, spec)

    os.kill(scheduler, signal.SIGKILL)

    until(lambda: cluster.pid(spec.deployment_id, "scheduler") != scheduler, "restarted")
    settled(cluster, state)
    assert {name: cluster.pid(spec.deployment_id, name) for name in others} == others
    until(lambda: programs(spec) == Counter(COMPONENTS), "one tree")
    assert [each for each in family if is_alive(each)] == []
    purge(cluster, spec, state)


def test_a_killed_supervisor_is_replaced_with_its_whole_tree(cluster: Cluster) -> None:
    spec, state = create(cluster)
    tree = record(cluster, spec).tree
    assert tree is not None

    os.kill(tree.pid, signal.SIGKILL)

    until(lambda: record(cluster, spec).tree not in (tree, None), "replaced")
    settled(cluster, state)
    assert programs(spec) == Counter(COMPONENTS)
    purge(cluster, spec, state)


def test_an_agent_killed_in_the_middle_of_a_switch_ends_on_the_new_deploy(
    cluster: Cluster, tmp_path: Path
) -> None:
    spec, state = create(cluster, deploy=project(tmp_path, "v1", hello="x = 1"))
    files = {f"dag_{number}": "x = 1" for number in range(300)}
    wish = replace(spec, generation=2, deploy=project(tmp_path, "v2", **files))
    tree = record(cluster, spec).tree
    cluster.provisioner.apply(wish, state)
    cluster.end(signal.SIGKILL)

    cluster.start()

    assert settled(cluster, state).active_deploy == "v2"
    home = cluster.data / "cluster/deployments" / spec.deployment_id
    assert len(list((home / "current/dags").iterdir())) == 300
    assert record(cluster, spec).tree == tree, "a deploy restarts nothing"


def test_sleepers_hold_no_ports(cluster: Cluster) -> None:
    cluster.end()
    cluster.ports = own_ports(23300, 2 * PORTS_EACH)
    cluster.start()
    (spec, state), (waker, _) = create(cluster), create(cluster)
    first, second = (record(cluster, each).first_port for each in (spec, waker))
    cluster.provisioner.stop(state, generation=2)
    settled(cluster, state, Phase.STOPPED)

    other, place = create(cluster)
    assert record(cluster, other).first_port == first
    cluster.provisioner.delete(place, generation=2)
    settled(cluster, place, Phase.ABSENT)
    cluster.provisioner.apply(replace(spec, generation=3), state)
    settled(cluster, state)

    assert {first, second} == {record(cluster, each).first_port for each in (spec, waker)}


def test_foreign_processes_in_the_same_folder_are_left_alone(cluster: Cluster) -> None:
    spec, state = create(cluster)
    home = cluster.data / "cluster/deployments" / spec.deployment_id / "home"
    with _sleeper(home) as stranger:
        purge(cluster, spec, state)
        assert stranger.poll() is None


@contextmanager
def _sleeper(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["/bin/sleep", "600"], cwd=folder)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
