"""A component that does not stay up, told apart from one whose database is away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ..base import Component, ProvisionerError
from . import component_logs

CRASHES_ALLOWED = 3


class Crashes:
    """Of one start. What ends while the database does not answer is not to blame for it."""

    def __init__(self, logs: Path, *, database_answers: Callable[[], bool]) -> None:
        self._logs = logs
        self._database_answers = database_answers
        self._seen: dict[str, int] = {}
        self._excused: dict[str, int] = {}

    def judge(self, components: Iterable[Component]) -> None:
        """Raise ProvisionerError once one of them has crashed too often by itself."""
        for each in components:
            if each.restarts > self._seen.get(each.name, 0):
                self._seen[each.name] = each.restarts
                self._excuse(each)
            if each.restarts - self._excused.get(each.name, 0) >= CRASHES_ALLOWED:
                lines = component_logs.tail(self._logs, each.name, lines=3)
                raise ProvisionerError(
                    f"The {each.name} does not stay up: {' '.join(lines)[-500:]}",
                    remedy=f"Read the log of the {each.name}, correct the cause, then try again.",
                )

    def _excuse(self, component: Component) -> None:
        if not self._database_answers():
            self._excused[component.name] = component.restarts
