"""The real agent over the stand-in: `python -m tests.provisioners.standin.agent`.

A file `broken` in the data folder makes every build fail; `slow` makes it take that many seconds.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from deployments.provisioners.base import DeploymentSpec, ProvisionerError
from deployments.provisioners.local.agent import serve
from deployments.provisioners.local.deploys import Change
from deployments.provisioners.local.programs import Program
from deployments.provisioners.local.recipe import Health, Log, Plan
from deployments.provisioners.local.settings import AgentSettings

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
COMPONENT = Path(__file__).with_name("component.py")
PYTHON = Path(shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable)


@dataclass(frozen=True)
class StandIn:
    data: Path
    ports_per_deployment: int = 4

    def problems(self) -> list[str]:
        return []

    def is_built(self, spec: DeploymentSpec) -> bool:
        return not (self.data / "broken").exists() and (self.data / "built").exists()

    def build(self, spec: DeploymentSpec, log: Log) -> None:
        if (self.data / "broken").exists():
            raise ProvisionerError("The package index cannot be reached.", remedy="Plug it in.")
        log("building")
        if (self.data / "slow").exists():
            time.sleep(float((self.data / "slow").read_text()))
        (self.data / "built").touch()

    def needs_to_read(self, spec: DeploymentSpec) -> tuple[Path, ...]:
        return (PYTHON, COMPONENT)

    def template(self, spec: DeploymentSpec) -> str:
        return "template_standin"

    def migrate(self, plan: Plan, log: Log) -> None:
        with psycopg.connect(plan.database_url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS dag_run (id int)")

    def programs(self, plan: Plan) -> tuple[Program, ...]:
        variables = {each.key: each.value for each in plan.spec.environment}
        return tuple(
            Program(
                name=name,
                argv=(str(PYTHON), str(COMPONENT), name, str(plan.first_port)),
                environment=variables,
                deployment_id=plan.spec.deployment_id,
                folder=plan.place.home,
                uid=plan.uid,
            )
            for name in COMPONENTS
        )

    def parent(self, plan: Plan) -> None:
        return None

    def usual_parents(self) -> tuple[()]:
        return ()

    def health(self, plan: Plan, *, since: datetime) -> Health:
        connection = HTTPConnection("127.0.0.1", plan.first_port, timeout=1)
        try:
            connection.request("GET", "/health")
            return Health(answers=connection.getresponse().status == 200)
        except OSError:
            return Health(answers=False)
        finally:
            connection.close()

    def announce(self, plan: Plan, change: Change) -> None:
        pass

    def unseen(self, plan: Plan, change: Change) -> list[str]:
        return []

    def deploys_in_use(self, plan: Plan) -> set[str]:
        return set()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    settings = AgentSettings.from_environment(os.environ)
    serve(settings, StandIn(settings.data))
