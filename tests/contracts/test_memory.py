"""The twin keeps the contract."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

import pytest

from deployments.provisioners.base import Failure, State
from deployments.provisioners.memory import MemoryProvisioner

from .bench import Bench, MakeBench
from .provisioner import ProvisionerContract, RunningContract
from .specs import make_spec


@dataclass(frozen=True)
class MemoryBench(Bench):
    provisioner: MemoryProvisioner

    def break_work(self) -> None:
        failure = Failure("The disk is full.", "Free some space.", is_permanent=False)
        self.provisioner.fail_at("create-database", failure)

    def mend_work(self) -> None:
        self.provisioner.fail_at("create-database", None)

    def silence(self) -> None:
        self.provisioner.fall_silent()

    def kill_component(self, state: State, name: str) -> None:
        self.provisioner.lose(state, name)

    def say(self, state: State, text: str) -> None:
        self.provisioner.say(state, "scheduler", text)


class Memory:
    @pytest.fixture(scope="class")
    @classmethod
    def make_bench(cls) -> MakeBench:
        def made() -> nullcontext[Bench]:
            patience = timedelta(seconds=5)
            return nullcontext(MemoryBench(MemoryProvisioner(), make_spec(), deadline=patience))

        return made


class TestMemory(Memory, ProvisionerContract):
    pass


class TestMemoryRunning(Memory, RunningContract):
    pass
