"""A component that does not stay up, told apart from one whose database is away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ..base import Component, ProvisionerError
from . import component_logs

CRASHES_ALLOWED = 3


class Crashes:
    """While somebody waits for health: what ended before that is past, as with a tree that runs
    for weeks. What ends while the database does not answer is not to blame for it either."""

    def __init__(self, logs: Path, *, database_answers: Callable[[], bool]) -> None:
        self._logs = logs
        self._database_answers = database_answers
        self._seen: dict[str, int] = {}
        self._excused: dict[str, int] = {}

    def judge(self, components: Iterable[Component]) -> None:
        """Raise ProvisionerError once one of them has crashed too often by itself."""
        for each in components:
            if each.name not in self._seen:
                self._seen[each.name] = self._excused[each.name] = each.restarts
            if each.restarts > self._seen[each.name]:
                self._seen[each.name] = each.restarts
                self._excuse(each)
            if each.restarts - self._excused[each.name] >= CRASHES_ALLOWED:
                lines = component_logs.tail(self._logs, each.name, lines=3)
                raise ProvisionerError(
                    f"The {each.name} does not stay up: {' '.join(lines)[-500:]}",
                    remedy=f"Read the log of the {each.name}, correct the cause, then try again.",
                )

    def _excuse(self, component: Component) -> None:
        if not self._database_answers():
            self._excused[component.name] = component.restarts
