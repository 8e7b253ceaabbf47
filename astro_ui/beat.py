"""Beat, on a machine whose clock may be set back."""

from __future__ import annotations

from time import time
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from web import heartbeats

_LEEWAY_S = 1.0


class SteadyScheduler(DatabaseScheduler):  # type: ignore[misc]
    """Never waits for a moment that a clock set back has moved far away; says that it lives.

    A run of the future would hold up the sweep for as long as the clock went back.
    """

    _seen = 0.0

    def setup_schedule(self) -> None:
        super().setup_schedule()
        self._forget_the_future()

    def tick(self, *args: Any, **options: Any) -> float:
        heartbeats.note("beat")
        now = time()
        if now < self._seen - _LEEWAY_S:
            self._forget_the_future()
        self._seen = now
        return float(super().tick(*args, **options))

    def _forget_the_future(self) -> None:
        for entry in self.schedule.values():
            now = entry._default_now()
            if entry.last_run_at > now:
                entry.last_run_at = entry.model.last_run_at = now
        self._heap = None
