"""The console's side of the local cluster: a thin client of its agent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ..base import (
    Capability,
    DeploymentSpec,
    LogLine,
    LogQuery,
    Observation,
    Phase,
    ProvisionerError,
    State,
)
from ..inventory import Inventory
from ..wire import decode, encode
from .door import ask

ANSWER_SECONDS = 4.0
PURGE_SECONDS = 75.0
REMEDY = "See that the local agent runs: `./console doctor` tells why it does not."


class LocalProvisioner:
    """Real Airflow as processes on this machine, kept by the agent behind `socket`."""

    capabilities = frozenset({Capability.COMPONENT_LOGS, Capability.TASK_LOGS})
    deadline = timedelta(minutes=10)

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def check(self) -> list[str]:
        try:
            return list(self._ask("GET", "/check")[0]["problems"])
        except ProvisionerError as error:
            return [f"Error: {error.cause} {error.remedy}"]

    def address(self, deployment_id: str) -> State:
        return {"deployment_id": deployment_id}

    def exposure(self) -> str:
        return str(self._ask("GET", "/exposure")[0]["exposure"])

    def apply(self, spec: DeploymentSpec, state: State) -> State:
        self._ask("PUT", f"/deployments/{spec.deployment_id}", encode(spec))
        return {**state, "deployment_id": spec.deployment_id}

    def observe(self, state: State) -> Observation:
        if "deployment_id" not in state:
            return Observation(phase=Phase.ABSENT, state=state)
        try:
            answer = self._ask("GET", f"/deployments/{state['deployment_id']}")[0]
        except ProvisionerError:
            return Observation(phase=Phase.UNREACHABLE, state=state)
        return replace(decode(Observation, answer), state=state)

    def stop(self, state: State, *, generation: int) -> State:
        return self._tell("POST", state, "/stop", {"generation": generation})

    def delete(self, state: State, *, generation: int) -> State:
        return self._tell("DELETE", state, body={"generation": generation})

    def purge(self, state: State) -> None:
        self._tell("POST", state, "/purge", timeout=PURGE_SECONDS)

    def inventory(self) -> Inventory:
        return decode(Inventory, self._ask("GET", "/inventory")[0])

    def logs(self, state: State, query: LogQuery) -> Iterator[LogLine]:
        if "deployment_id" in state:
            target = f"/deployments/{state['deployment_id']}/logs"
            for row in self._ask("POST", target, encode(query)):
                yield decode(LogLine, row)

    def _tell(
        self,
        method: str,
        state: State,
        action: str = "",
        body: Any = None,
        *,
        timeout: float = ANSWER_SECONDS,
    ) -> State:
        if "deployment_id" in state:
            target = f"/deployments/{state['deployment_id']}{action}"
            self._ask(method, target, body, timeout=timeout)
        return state

    def _ask(
        self, method: str, target: str, body: Any = None, *, timeout: float = ANSWER_SECONDS
    ) -> list[Any]:
        try:
            return list(ask(self._socket, method, target, body, timeout=timeout))
        except ConnectionError as error:
            raise ProvisionerError(str(error), remedy=REMEDY) from error
