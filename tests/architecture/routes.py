"""The route matrix: who of the cast gets which answer from every address of the console.

Each room keeps its own table in `tests/<room>/routes.py` as `ROUTES: list[Route]`; this module
only defines a row and gathers them. A route that stands in no table fails the suite.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field

ROOMS = (
    "web", "accounts", "workspaces", "deployments", "deploys", "api", "gateway", "airflow",
    "installation",
)  # fmt: skip
CAST = ("anonymous", "mia", "bill", "wanda", "oliver", "olivia", "oscar", "opal")


@dataclass(frozen=True)
class Route:
    """One address and method, and the status for each of the cast.

    `args` name fixtures of the world (`acme`, `science`, `etl`, …) whose ids fill the address in
    order. `others` is the answer for everybody whom `statuses` does not name.
    """

    name: str
    statuses: Mapping[str, int]
    others: int = 404
    method: str = "GET"
    args: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def status_for(self, person: str) -> int:
        return self.statuses.get(person, self.others)

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.note}".strip()


def all_routes() -> list[Route]:
    found: list[Route] = []
    for room in ROOMS:
        try:
            module = importlib.import_module(f"tests.{room}.routes")
        except ModuleNotFoundError as error:
            if error.name not in {f"tests.{room}", f"tests.{room}.routes"}:
                raise
            continue
        found += module.ROUTES
    return found
