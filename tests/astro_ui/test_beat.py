"""A clock that is set back must not stop the sweep until it has caught up."""

from __future__ import annotations

from datetime import timedelta
from time import time

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from astro_ui import beat
from astro_ui.beat import SteadyScheduler
from astro_ui.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


def next_runs(scheduler: SteadyScheduler) -> list[float]:
    """Seconds until each of the frequent tasks is due."""
    names = ("sweep", "watch")
    return [max(scheduler.schedule[name].is_due().next, 0) for name in names]


def test_a_run_of_the_future_counts_as_one_of_now() -> None:
    SteadyScheduler(app=app).close()
    PeriodicTask.objects.update(last_run_at=timezone.now() + timedelta(hours=3))

    scheduler = SteadyScheduler(app=app)

    assert max(next_runs(scheduler)) <= 10


def test_a_clock_set_back_while_it_runs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = SteadyScheduler(app=app)
    monkeypatch.setattr(scheduler, "apply_entry", lambda *_, **__: None)
    scheduler.tick()
    ahead = timezone.now() + timedelta(hours=3)
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.model.last_run_at = ahead
    assert min(next_runs(scheduler)) > 10_000

    earlier = time() - 3 * 3600
    monkeypatch.setattr(beat, "time", lambda: earlier)
    scheduler.tick()

    assert max(next_runs(scheduler)) <= 10
