"""The local backend keeps the contract, with a stand-in for Airflow."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from deployments.provisioners.base import State
from tests.contracts.guests import guest
from tests.provisioners.cluster import Cluster, own_ports

from .bench import Bench, MakeBench
from .provisioner import ProvisionerContract, RunningContract
from .specs import make_spec


@dataclass(frozen=True)
class LocalBench(Bench):
    cluster: Cluster

    def break_work(self) -> None:
        (self.cluster.data / "broken").touch()

    def mend_work(self) -> None:
        (self.cluster.data / "broken").unlink()

    def silence(self) -> None:
        self.cluster.end(signal.SIGKILL)

    def kill_component(self, state: State, name: str) -> None:
        os.kill(self.cluster.pid(state["deployment_id"], name), signal.SIGKILL)

    def say(self, state: State, text: str) -> None:
        endpoint = self.provisioner.observe(state).endpoint
        with urlopen(f"{endpoint}/say/{quote(text)}", timeout=5):  # noqa: S310
            pass


@pytest.fixture(scope="module")
def cluster(cluster_database: str) -> Iterator[Cluster]:
    ports = own_ports(23100, 40)
    cluster = Cluster(cluster_database, "tests.provisioners.standin.agent", ports)
    yield cluster
    cluster.close()


class Local:
    @pytest.fixture(scope="class")
    @classmethod
    def make_bench(cls, cluster: Cluster) -> MakeBench:
        @contextmanager
        def made() -> Iterator[Bench]:
            with guest(cluster, make_spec()) as spec:
                yield LocalBench(cluster.provisioner, spec, timedelta(seconds=30), cluster)

        return made


class TestLocal(Local, ProvisionerContract):
    pass


class TestLocalRunning(Local, RunningContract):
    pass
