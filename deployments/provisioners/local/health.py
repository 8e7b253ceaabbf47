"""What the supervisor sees and what the software says, as one answer for each component."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..base import Component
from .recipe import Health
from .supervision import ProgramState

WEB = frozenset({"api-server", "webserver"})


def components_of(states: Sequence[ProgramState], health: Health) -> tuple[Component, ...]:
    """A component is healthy when its process runs and, where its heart is watched, beats."""
    return tuple(_component(state, health) for state in states)


def is_complete(components: Sequence[Component]) -> bool:
    return bool(components) and all(each.is_healthy for each in components)


def beats_count_from(started_at: datetime, now: datetime) -> datetime:
    """A beat from before the start proves nothing; a clock that is set back takes beats along."""
    return min(started_at, now)


def _component(state: ProgramState, health: Health) -> Component:
    beats = health.answers if state.name in WEB else health.components.get(state.name, True)
    # Who cannot be asked keeps the benefit of the doubt only while the web server answers.
    is_healthy = state.is_running and beats and health.answers
    detail = state.detail if not state.is_running or is_healthy else "starting"
    return Component(state.name, is_healthy=is_healthy, detail=detail, restarts=state.restarts)
