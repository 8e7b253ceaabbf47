"""The local backend keeps the contract with real Airflow, of both majors."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from deployments.provisioners.base import State
from tests import environments
from tests.contracts.guests import guest
from tests.provisioners.cluster import Cluster

from .bench import Bench, MakeBench
from .provisioner import ProvisionerContract, RunningContract
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


class RealAirflow:
    runtime: str

    @pytest.fixture(scope="class")
    @classmethod
    def make_bench(cls, cluster: Cluster) -> MakeBench:
        @contextmanager
        def made() -> Iterator[Bench]:
            with guest(cluster, make_spec(cls.runtime)) as spec:
                yield AirflowBench(cluster.provisioner, spec, timedelta(minutes=5), cluster)

        return made


class Airflow3(RealAirflow):
    runtime = "3.3-8"


class TestAirflow3(Airflow3, ProvisionerContract):
    pass


class TestAirflow3Running(Airflow3, RunningContract):
    pass


if os.environ.get("ASTRO_UI_AIRFLOW_VERSIONS") == "all":

    class Airflow2(RealAirflow):
        """Each start of Airflow 2 takes half a minute, so the journey covers it by default."""

        runtime = "13.11.0"

    class TestAirflow2(Airflow2, ProvisionerContract):
        pass

    class TestAirflow2Running(Airflow2, RunningContract):
        pass
