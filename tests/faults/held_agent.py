"""The real agent over real Airflow, its steps held up: `python -m tests.faults.held_agent`.

As with the stand-in, a file `hold/<deployment id>.<step>` in the data folder holds up that step of
that Deployment while it is there, and `hold/next.<step>` that of every Deployment. A step is held
at its beginning. The environment and the template of the database, which all Deployments share, are
made once more for one that is held there.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from deployments.provisioners.base import DeploymentSpec
from deployments.provisioners.local import keeper
from deployments.provisioners.local.agent import serve
from deployments.provisioners.local.airflow import AirflowRecipe
from deployments.provisioners.local.journal import Step
from deployments.provisioners.local.nursery import Parent
from deployments.provisioners.local.programs import Program
from deployments.provisioners.local.recipe import Plan
from deployments.provisioners.local.settings import AgentSettings
from deployments.provisioners.local.work import Work
from runtime.catalogue import RuntimeRelease

PAUSE_SECONDS = 0.05


class Gates:
    def __init__(self, data: Path) -> None:
        self._folder = data / "hold"

    def are_shut(self, deployment_id: str, step: str) -> bool:
        return any((self._folder / f"{who}.{step}").exists() for who in (deployment_id, "next"))


CLOCK = {name: os.environ[name] for name in ("LD_PRELOAD", "FAULTS_CLOCK") if name in os.environ}
"""A machine has one clock: what moves the console's moves that of its Airflows, too."""


class HeldAirflow(AirflowRecipe):
    def __init__(self, settings: AgentSettings) -> None:
        super().__init__(settings)
        self._gates = Gates(settings.data)

    def is_built(self, spec: DeploymentSpec) -> bool:
        is_held = self._gates.are_shut(spec.deployment_id, "build-environment")
        return not is_held and super().is_built(spec)

    def template(self, spec: DeploymentSpec) -> str:
        name = super().template(spec)
        is_own = self._gates.are_shut(spec.deployment_id, "prepare-template")
        return f"{name}_{spec.deployment_id}" if is_own else name

    def programs(self, plan: Plan) -> tuple[Program, ...]:
        made = super().programs(plan)
        return tuple(replace(each, environment={**each.environment, **CLOCK}) for each in made)

    def _parent(self, release: RuntimeRelease, python: Path, parallelism: int) -> Parent:
        made = super()._parent(release, python, parallelism)
        return replace(made, environment={**made.environment, **CLOCK})


def held_work(gates: Gates) -> Callable[..., Work]:
    """What the agent's keepers are to take for `Work`."""

    class HeldWork(Work):
        def _step(self, name: str) -> AbstractContextManager[Step]:
            return self._held(name, super()._step(name))

        @contextmanager
        def _held(self, name: str, step: AbstractContextManager[Step]) -> Iterator[Step]:
            with step as told:
                while gates.are_shut(self._place.deployment_id, name):
                    self._pause(PAUSE_SECONDS)
                yield told

    return HeldWork


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = AgentSettings.from_environment(os.environ)
    modules: Any = keeper
    modules.Work = held_work(Gates(settings.data))
    serve(settings, HeldAirflow(settings))


if __name__ == "__main__":
    main()
