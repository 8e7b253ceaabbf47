"""The real agent over the stand-in: `python -m tests.provisioners.standin.agent`.

A file `broken` in the data folder makes every build fail; `slow` makes it take that many seconds.
A file `hold/<deployment id>.<step>` holds up that step of that Deployment while it is there,
and `hold/next.<step>` that of every Deployment.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
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
FAINT_SECONDS = 5.0
PYTHON = Path(shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable)


@dataclass(frozen=True)
class StandIn:
    data: Path
    ports_per_deployment: int = 4

    def problems(self) -> list[str]:
        return []

    def is_held(self, spec: DeploymentSpec, step: str) -> bool:
        hold = self.data / "hold"
        return any((hold / f"{who}.{step}").exists() for who in (spec.deployment_id, "next"))

    def wait(self, spec: DeploymentSpec, step: str) -> None:
        while self.is_held(spec, step):
            time.sleep(0.02)

    def is_built(self, spec: DeploymentSpec) -> bool:
        if self.is_held(spec, "build-environment"):
            return False
        return not (self.data / "broken").exists() and (self.data / "built").exists()

    def build(self, spec: DeploymentSpec, log: Log) -> None:
        if (self.data / "broken").exists():
            raise ProvisionerError("The package index cannot be reached.", remedy="Plug it in.")
        log("building")
        self.wait(spec, "build-environment")
        if (self.data / "slow").exists():
            time.sleep(float((self.data / "slow").read_text()))
        (self.data / "built").touch()

    def needs_to_read(self, spec: DeploymentSpec) -> tuple[Path, ...]:
        return (PYTHON, COMPONENT)

    def template(self, spec: DeploymentSpec) -> str:
        is_own = self.is_held(spec, "prepare-template")
        return f"template_{spec.deployment_id}" if is_own else "template_standin"

    def migrate(self, plan: Plan, log: Log) -> None:
        with psycopg.connect(plan.database_url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS dag_run (id int)")
        self.wait(plan.spec, "prepare-template")

    def programs(self, plan: Plan) -> tuple[Program, ...]:
        self.wait(plan.spec, "write-configuration")
        variables = {each.key: each.value for each in plan.spec.environment}
        return tuple(
            Program(
                name=name,
                argv=(str(PYTHON), "-I", "-S", str(COMPONENT), name, str(plan.first_port)),
                environment=variables,
                deployment_id=plan.spec.deployment_id,
                folder=plan.place.home,
                uid=plan.uid,
                runs_tasks=name == "scheduler",
            )
            for name in COMPONENTS
        )

    def parent(self, plan: Plan) -> None:
        self.wait(plan.spec, "start-components")

    def usual_parents(self) -> tuple[()]:
        return ()

    def health(self, plan: Plan, *, since: datetime) -> Health:
        if self.is_held(plan.spec, "wait-healthy"):
            return Health(answers=False)
        connection = HTTPConnection("127.0.0.1", plan.first_port, timeout=1)
        try:
            connection.request("GET", "/health")
            answers = connection.getresponse().status == 200
            return Health(answers, {name: _beats(plan, name) for name in COMPONENTS[1:]})
        except OSError:
            return Health(answers=False)
        finally:
            connection.close()

    def announce(self, plan: Plan, change: Change) -> None:
        self.wait(plan.spec, "switch-deploy")

    def unseen(self, plan: Plan, change: Change) -> list[str]:
        return ["held"] if self.is_held(plan.spec, "show-dags") else []

    def deploys_in_use(self, plan: Plan) -> set[str]:
        return set()


def _beats(plan: Plan, component: str) -> bool:
    """Its heart beats twice a second, by the clock that never jumps."""
    with suppress(FileNotFoundError, ValueError):
        beat = float((plan.place.home / f"{component}.beat").read_text())
        return time.monotonic() - beat < FAINT_SECONDS
    return False


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    sweep_seconds = float(os.environ.get("STANDIN_SWEEP_SECONDS", "0.5"))
    settings = replace(AgentSettings.from_environment(os.environ), sweep_seconds=sweep_seconds)
    serve(settings, StandIn(settings.data))
