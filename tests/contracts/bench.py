"""One backend under test, and the faults that the contract speaks of."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from deployments.provisioners.base import DeploymentSpec, Observation, Phase, Provisioner, State

NOTHING: State = {}
MakeBench = Callable[[], AbstractContextManager["Bench"]]


@dataclass(frozen=True)
class Bench(ABC):
    """One backend under test, with the faults that the contract speaks of."""

    provisioner: Provisioner
    spec: DeploymentSpec
    deadline: timedelta

    @abstractmethod
    def break_work(self) -> None:
        """Let the next work fail for a reason that a person can remove."""

    @abstractmethod
    def mend_work(self) -> None:
        """Remove that reason."""

    @abstractmethod
    def silence(self) -> None:
        """Let the backend stop answering."""

    @abstractmethod
    def kill_component(self, state: State, name: str) -> None:
        """End one component by force."""

    @abstractmethod
    def say(self, state: State, text: str) -> None:
        """Let some component print a line."""

    def observe_until(
        self, state: State, is_met: Callable[[Observation], bool], wish: str
    ) -> Observation:
        """Observe until `is_met`; fails the test when the deadline passes before."""
        end = time.monotonic() + self.deadline.total_seconds()
        while True:
            seen = self.provisioner.observe(state)
            if is_met(seen):
                return seen
            assert time.monotonic() < end, f"never {wish}: {seen}"
            time.sleep(0.02)

    def settle(self, state: State) -> Observation:
        """Observe until no work is under way."""
        return self.observe_until(state, lambda seen: seen.phase is not Phase.WORKING, "settled")

    def run(self, spec: DeploymentSpec, state: State = NOTHING) -> tuple[State, Observation]:
        """Apply, settle and insist that it runs as wished."""
        state = self.provisioner.apply(spec, state)
        seen = self.settle(state)
        assert seen.phase is Phase.RUNNING, seen
        assert seen.generation == spec.generation
        return state, seen
