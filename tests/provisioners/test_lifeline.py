"""Whoever starts an agent for a while takes it along, even when killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from deployments.provisioners.base import Phase
from tests.contracts.specs import make_spec

from .cluster import ROOT, Cluster, marked, until

STARTER = """
import signal, sys
from pathlib import Path
from tests.provisioners.cluster import Cluster, own_ports
ports = own_ports(23100, 40)
cluster = Cluster(sys.argv[1], "tests.provisioners.standin.agent", ports, Path(sys.argv[2]))
cluster.start()
print("started", flush=True)
signal.pause()
"""


@pytest.fixture
def data() -> Iterator[Path]:
    data = Path(mkdtemp(prefix="astro-"))
    yield data
    shutil.rmtree(data)


def test_an_agent_ends_with_its_killed_starter_and_takes_its_trees_along(
    cluster_database: str, data: Path
) -> None:
    command = [sys.executable, "-c", STARTER, cluster_database, str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"started\n"
        cluster = Cluster(cluster_database, "", "", data)
        spec = make_spec()
        state = cluster.provisioner.apply(spec, {})
        until(lambda: cluster.provisioner.observe(state).phase is Phase.RUNNING, "running")

        starter.kill()

        until(lambda: not marked(spec.deployment_id), "without processes", seconds=40)
        until(lambda: not _agents(data), "without agent", seconds=40)


def _agents(data: Path) -> list[str]:
    wanted = f"ASTRO_UI_DATA={data}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(folder.name)
            except OSError:
                continue
    return found
