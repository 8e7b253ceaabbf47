"""Looking after what is settled: green means green."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from deployments import services, watcher
from deployments.models import Deployment, Operation, StatusChange
from deployments.provisioners.base import Observation, Phase, State
from tests import factories
from tests.deployments.driving import backend, fresh, operation, settle, state
from tests.deployments.test_reconciler import NO_PORT


@pytest.fixture(autouse=True)
def _unseen(running: Deployment) -> None:
    """The watcher has not looked for a while."""
    _later()


def _later() -> None:
    Deployment.objects.update(observed_at=timezone.now() - timedelta(minutes=1))


def _watch(deployment: Deployment) -> Deployment:
    watcher.watch()
    _later()
    return fresh(deployment)


def test_a_component_that_dies_is_told_with_its_name(running: Deployment) -> None:
    backend(running).lose(state(running), "scheduler")

    sick = _watch(running)

    assert (sick.status, sick.status_reason) == ("UNHEALTHY", "scheduler: exited")
    assert _watch(running).status == "HEALTHY"


def test_a_silent_agent_makes_it_unknown_and_changes_nothing(running: Deployment) -> None:
    backend(running).fall_silent()

    lost = _watch(running)

    assert (lost.status, lost.wish, lost.generation) == ("UNKNOWN", "RUNNING", 1)
    assert len(lost.components) == 5, "the last picture stays"
    backend(running).fall_silent(False)
    assert _watch(running).status == "HEALTHY"


def test_what_the_backend_forgot_is_started_again(running: Deployment) -> None:
    backend(running).stop(state(running), generation=1)
    backend(running).observe(state(running))

    assert _watch(running).status == "DEPLOYING"

    assert settle(running).status == "HEALTHY"
    assert operation(running).started_by_label == "watcher"
    assert StatusChange.objects.filter(deployment=running, target="UNHEALTHY").exists()


def test_a_failed_one_waits_for_a_person(
    running: Deployment, oliver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.hibernate(running, actor=factories.actor(oliver))
    settle(running)
    backend(running).fail_at("start-components", NO_PORT)
    services.wake(fresh(running), actor=factories.actor(oliver))
    assert settle(running).status == "UNHEALTHY"
    before = Operation.objects.count()
    monkeypatch.setattr(backend(running), "observe", lambda _: Observation(phase=Phase.ABSENT))

    assert _watch(running).status == "UNHEALTHY"
    assert Operation.objects.count() == before


def test_one_that_breaks_does_not_hide_the_others(
    running: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backend(running).observe

    def broken(given: State) -> Observation:
        if not given:
            raise KeyError("surprise")
        return real(given)

    other = factories.deployment(running.workspace)
    backend(running).lose(state(running), "worker")
    monkeypatch.setattr(backend(running), "observe", broken)

    assert _watch(running).status == "UNHEALTHY"
    assert fresh(other).status == "UNKNOWN"


def test_what_sleeps_or_is_worked_on_is_left_alone(running: Deployment, oliver: User) -> None:
    services.hibernate(running, actor=factories.actor(oliver))

    assert _watch(running).status == "HIBERNATING"
    assert operation(running).status == "RUNNING"


def test_two_passes_at_once_look_only_once(running: Deployment) -> None:
    watcher.watch()
    seen = fresh(running).observed_at

    watcher.watch()

    assert fresh(running).observed_at == seen
