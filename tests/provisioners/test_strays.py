"""Processes, databases and folders of ours that nobody keeps are found; foreign ones are spared."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from deployments.provisioners.base import Phase
from deployments.provisioners.local.processes import (
    CLUSTER_MARKER,
    MARKER,
    cluster_mark,
    is_alive,
    read,
)

from .cluster import Cluster, until
from .test_faults import create, record, settled, tasks

LOST = "clost0000000000000000"


@contextmanager
def sleeper(**environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["/bin/sleep", "600"], env=environment, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def databases(cluster: Cluster) -> set[str]:
    with psycopg.connect(cluster.database_url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


@pytest.fixture
def foreign(cluster: Cluster) -> Iterator[str]:
    """Named as if it were ours, but nobody here made it."""
    name = f"airflow_{LOST}"
    with psycopg.connect(cluster.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield name
        connection.execute(f"DROP DATABASE {name}".encode())


def test_a_process_of_a_deployment_that_nobody_keeps_is_ended(cluster: Cluster) -> None:
    mark = cluster_mark(cluster.data / "cluster")
    spec, _ = create(cluster)
    with ExitStack() as stack:
        ours, other, kept, plain = (
            stack.enter_context(sleeper(**marks))
            for marks in (
                {MARKER: LOST, CLUSTER_MARKER: mark},
                {MARKER: LOST, CLUSTER_MARKER: f"{mark}-of-another-agent"},
                {MARKER: spec.deployment_id, CLUSTER_MARKER: mark},
                {},
            )
        )

        assert ours.wait(60) == -signal.SIGTERM

        until(lambda: cluster.provisioner.inventory().strays, "listed")
        (stray,) = cluster.provisioner.inventory().strays
        assert (stray.pid, stray.deployment_id) == (ours.pid, LOST)
        assert stray.is_ended
        assert [each.poll() for each in (other, kept, plain)] == [None, None, None]


def test_what_a_killed_supervisor_leaves_is_ended_whatever_it_hides(cluster: Cluster) -> None:
    spec, state = create(cluster)
    until(lambda: len(tasks(cluster, spec)) == 3, "with tasks in flight")
    family, tree = tasks(cluster, spec), record(cluster, spec).tree
    assert tree is not None

    os.kill(tree.pid, signal.SIGKILL)

    until(lambda: record(cluster, spec).tree not in (tree, None), "replaced")
    settled(cluster, state)
    until(lambda: not any(map(is_alive, family)), "without survivors", seconds=60)


@pytest.mark.parametrize("part", ["supervisor", "triggerer"])
def test_what_was_stopped_goes_on(cluster: Cluster, part: str) -> None:
    spec, _ = create(cluster)
    tree = record(cluster, spec).tree
    assert tree is not None
    pid = tree.pid if part == "supervisor" else cluster.pid(spec.deployment_id, part)

    os.kill(pid, signal.SIGSTOP)

    until(lambda: (found := read(pid)) and not found.is_stopped, "going on", seconds=60)


def test_what_lost_its_record_is_listed_and_goes_when_it_is_purged(
    cluster: Cluster, foreign: str
) -> None:
    spec, state = create(cluster)
    cluster.provisioner.stop(state, generation=2)
    settled(cluster, state, Phase.STOPPED)
    cluster.end()
    (cluster.data / "cluster/deployments" / spec.deployment_id / "agent.json").unlink()
    cluster.start()
    held = {each.deployment_id: each for each in cluster.provisioner.inventory().holdings}
    assert set(held) == {spec.deployment_id}, "a database without our mark is not ours"

    for lost in (spec.deployment_id, LOST):
        cluster.provisioner.purge(cluster.provisioner.address(lost))

    assert cluster.provisioner.inventory().holdings == ()
    assert databases(cluster) & {f"airflow_{spec.deployment_id}", foreign} == {foreign}
    assert list((cluster.data / "cluster/deployments").iterdir()) == []


def test_a_database_alone_is_found_by_its_mark(cluster: Cluster) -> None:
    spec, state = create(cluster)
    cluster.provisioner.stop(state, generation=2)
    settled(cluster, state, Phase.STOPPED)
    cluster.end()
    shutil.rmtree(Path(cluster.data / "cluster/deployments" / spec.deployment_id))
    cluster.start()

    (held,) = cluster.provisioner.inventory().holdings

    assert (held.deployment_id, held.owner, held.is_awake) == (spec.deployment_id, "", False)
    cluster.provisioner.purge(state)
    assert f"airflow_{spec.deployment_id}" not in databases(cluster)


def test_what_it_keeps_names_the_database_that_wished_for_it(cluster: Cluster) -> None:
    spec, _ = create(cluster, cluster_id="ccluster")

    (held,) = cluster.provisioner.inventory().holdings

    assert (held.deployment_id, held.owner, held.is_awake) == (spec.deployment_id, "ccluster", True)
