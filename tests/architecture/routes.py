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


def token_routes(
    namespace: str, scope: tuple[str, ...], token: str, role: str, statuses: Mapping[str, int]
) -> list[Route]:
    """The pages of one scope's API tokens; `statuses` of the list, where 200 may do everything."""
    one = (*scope, token)

    def allowed(status: int) -> dict[str, int]:
        return {name: status if seen == 200 else seen for name, seen in statuses.items()}

    def row(route: str, status: int, args: tuple[str, ...], /, **data: str) -> Route:
        method = "POST" if data else "GET"
        return Route(f"{namespace}:{route}", allowed(status), method=method, args=args, data=data)

    return [
        row("tokens", 200, scope),
        row("token_new", 200, scope),
        row("token_new", 200, scope, name="ci", role=role),
        row("token", 200, one),
        row("token", 302, one, name="ci", role=role, loaded=""),
        row("token_rotate", 200, one),
        row("token_rotate", 200, one, loaded=""),
        row("token_delete", 200, one),
        row("token_delete", 302, one, confirmation="pipeline"),
    ]


def attached_token_routes(
    namespace: str, scope: tuple[str, ...], token: str, role: str, statuses: Mapping[str, int]
) -> list[Route]:
    """Where tokens of wider scopes are attached; `token` is the scope's own."""
    refused = {name: status for name, status in statuses.items() if status != 200}
    may = [name for name in statuses if name not in refused]
    return [
        Route(f"{namespace}:token_attach", statuses, args=scope),
        Route(
            f"{namespace}:token_attach",
            refused | dict.fromkeys(may, 422),
            method="POST",
            args=scope,
            data={"token": "none", "role": role},
            note="of no token",
        ),
        Route(
            f"{namespace}:token_detach",
            refused | dict.fromkeys(may, 409),
            method="POST",
            args=(*scope, token),
            data={"go": "1"},
            note="at its home",
        ),
    ]
