"""The matrix by name: operations with their steps, and what befalls them there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

AIRFLOW_COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
PARTS = ("web", "worker", "beat", "agent", "console")
"""`console` is the supervisor of all others."""
SWITCH = ("fetch-deploy", "switch-deploy", "show-dags")
STEPS = {
    "create": (
        "build-environment", "prepare-template", "create-database", "write-configuration",
        "start-components", "wait-healthy",
    ),
    "deploy": SWITCH,
    "roll back": SWITCH,
    "hibernate": ("stop-components",),
    "wake": ("fetch-deploy", "write-configuration", "start-components", "wait-healthy"),
    "delete": ("stop-components",),
}  # fmt: skip
NEEDS = {
    "create": "nothing",
    "deploy": "awake",
    "roll back": "awake",
    "hibernate": "awake",
    "wake": "asleep",
    "delete": "awake",
}
ENDS = {
    "create": "HEALTHY",
    "deploy": "HEALTHY",
    "roll back": "HEALTHY",
    "hibernate": "HIBERNATING",
    "wake": "HEALTHY",
    "delete": "DELETED",
}
LOCAL_FAULTS = tuple(
    f"{verb} {victim}"
    for verb in ("kill", "stop")
    for victim in ("supervisor", *AIRFLOW_COMPONENTS)
)
"""They befall one Deployment; all others befall the whole console."""
FAULTS = (
    *(f"{verb} {part}" for verb in ("kill", "stop") for part in PARTS),
    *LOCAL_FAULTS,
    "kill redis",
    "flush redis",
    "restart postgres",
    "fill postgres",
    "clock forward",
    "clock back",
)


AND = " + "
TOGETHER = (
    "kill web + kill beat + flush redis",
    "stop web + stop beat + kill redis + stop console",
    "kill console",
    "kill worker",
    "stop worker",
    "kill agent",
    "stop agent",
    "kill supervisor",
    "stop supervisor",
    AND.join(f"kill {name}" for name in AIRFLOW_COMPONENTS),
    AND.join(f"stop {name}" for name in AIRFLOW_COMPONENTS),
    "restart postgres",
    "fill postgres",
    "clock forward",
    "clock back",
)
"""All faults, those of different parts at the same moment: what ordinary tests have time for."""


@dataclass(frozen=True)
class Cell:
    fault: str
    """One, or several at the same moment."""
    operation: str
    step: str

    def __str__(self) -> str:
        return f"{self.fault} / {self.operation} / {self.step}"


_NOTHING_RUNS = {
    ("create", "build-environment"),
    ("create", "prepare-template"),
    ("create", "create-database"),
    ("create", "write-configuration"),
    ("wake", "fetch-deploy"),
    ("wake", "write-configuration"),
}
"""Where neither supervisor nor component is there that a fault could hit."""


def cells(fault: str) -> list[Cell]:
    """One for each step of each operation at which the fault has something to hit."""
    places = [(name, step) for name, steps in STEPS.items() for step in steps]
    spared = _NOTHING_RUNS if is_local(fault) else set()
    return [Cell(fault, *place) for place in places if place not in spared]


def is_local(fault: str) -> bool:
    """Does it befall one Deployment only?"""
    return fault.split(AND)[0] in LOCAL_FAULTS


def matrix() -> Iterator[Cell]:
    for fault in FAULTS:
        yield from cells(fault)
