"""The local backend keeps the contract with real Airflow, of both majors."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from deployments.provisioners.base import State
from tests import environments
from tests.provisioners.cluster import Cluster

from .provisioner import Bench, ProvisionerContract
from .specs import make_spec

pytestmark = [pytest.mark.airflow, pytest.mark.slow]


@dataclass(frozen=True)
class AirflowBench(Bench):
    cluster: Cluster

    @property
    def _obstacle(self) -> Path:
        """Where the supervisor's settings belong, nothing can be put while a folder is there."""
        folder = self.cluster.data / "cluster/deployments" / self.spec.deployment_id
        return folder / "supervisor/supervisord.conf"

    def break_work(self) -> None:
        (self._obstacle / "full").mkdir(parents=True)

    def mend_work(self) -> None:
        shutil.rmtree(self._obstacle)

    def silence(self) -> None:
        self.cluster.end(signal.SIGKILL)

    def kill_component(self, state: State, name: str) -> None:
        os.kill(self.cluster.pid(state["deployment_id"], name), signal.SIGKILL)

    def say(self, state: State, text: str) -> None:
        folder = self.cluster.data / "cluster/deployments" / state["deployment_id"] / "logs"
        with (folder / "scheduler.log").open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")


@pytest.fixture(scope="module")
def cluster(cluster_database: str) -> Iterator[Cluster]:
    agent = "deployments.provisioners.local.agent"
    cluster = Cluster(cluster_database, agent, "23040-23099")
    environments.share(cluster.data / "cluster")
    yield cluster
    cluster.close()


class AirflowContract(ProvisionerContract):
    runtime: str

    @pytest.fixture
    def bench(self, cluster: Cluster) -> Iterator[Bench]:
        if cluster.agent is None:
            cluster.start()
        spec = make_spec(self.runtime)
        bench = AirflowBench(cluster.provisioner, spec, timedelta(minutes=5), cluster)
        yield bench
        if cluster.agent is None:
            cluster.start()
        bench.provisioner.purge({"deployment_id": spec.deployment_id})


class TestAirflow3(AirflowContract):
    runtime = "3.3-8"


if os.environ.get("ASTRO_UI_AIRFLOW_VERSIONS") == "all":

    class TestAirflow2(AirflowContract):
        """Each start of Airflow 2 takes half a minute, so the journey covers it by default."""

        runtime = "13.11.0"
