"""From wish to world, with the memory twin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from deployments import backends, reconciler, services, spec
from deployments.models import Deployment, Operation, OperationStep, Wish
from deployments.provisioners.base import (
    DeploymentSpec,
    Failure,
    Observation,
    Phase,
    ProvisionerError,
    State,
)
from deployments.provisioners.memory import MemoryProvisioner
from tests import factories
from tests.deployments.driving import backend, fresh, operation, settle

NO_PORT = Failure("No port is left.", "Free one, then retry.", is_permanent=True)


def test_a_new_deployment_becomes_healthy_by_itself(new: Deployment) -> None:
    done = settle(new)

    assert (done.status, done.is_settled, done.applied_generation) == ("HEALTHY", True, 1)
    assert {part["name"] for part in done.components} == {
        "api-server", "scheduler", "dag-processor", "triggerer", "worker",
    }  # fmt: skip
    assert done.healthy_at is not None
    assert operation(done).status == Operation.Status.SUCCEEDED


def test_its_steps_are_named_in_order(new: Deployment) -> None:
    settle(new)

    labels = OperationStep.objects.filter(operation__deployment=new).values_list("label", "state")
    assert list(labels) == [
        ("Build the Python environment", "done"),
        ("Create the metadata database", "done"),
        ("Write the configuration", "done"),
        ("Start the components", "done"),
        ("Wait until every component is healthy", "done"),
    ]


def test_a_failing_step_ends_the_operation_with_cause_and_remedy(new: Deployment) -> None:
    backend(new).fail_at("start-components", NO_PORT)

    failed = settle(new)

    assert (failed.status, failed.status_reason) == ("UNHEALTHY", "No port is left.")
    ended = operation(failed)
    assert (ended.status, ended.failure_cause, ended.failure_remedy) == (
        "FAILED", "No port is left.", "Free one, then retry.",
    )  # fmt: skip


def test_retry_hands_the_wish_over_again(new: Deployment, oliver: User) -> None:
    backend(new).fail_at("start-components", NO_PORT)
    failed = settle(new)
    backend(new).fail_at("start-components", None)

    services.retry(failed, actor=factories.actor(oliver))

    assert settle(new).status == "HEALTHY"


def test_a_silent_backend_is_asked_again_until_it_answers(new: Deployment) -> None:
    backend(new).fall_silent()
    assert reconciler.reconcile(new.pk) is not None
    waiting = fresh(new)
    assert (waiting.status, waiting.applied_generation) == ("CREATING", 0)

    backend(new).fall_silent(False)

    assert settle(new).status == "HEALTHY"


def test_a_backend_that_stays_silent_fails_at_the_deadline(new: Deployment) -> None:
    backend(new).fall_silent()
    Operation.objects.update(deadline=timezone.now() - timedelta(seconds=1))

    failed = settle(new)

    assert failed.status == "UNHEALTHY"
    assert operation(new).failure_cause == "The memory backend does not answer."


def test_a_broken_backend_is_a_failed_operation_in_the_end(
    new: Deployment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> State:
        raise KeyError("surprise")

    monkeypatch.setattr(backend(new), "apply", broken)
    assert reconciler.reconcile(new.pk) is not None
    Operation.objects.update(deadline=timezone.now() - timedelta(seconds=1))

    assert settle(new).status == "UNHEALTHY"
    assert operation(new).failure_cause == "The cluster's backend broke unexpectedly."


def test_the_state_of_a_backend_that_breaks_afterwards_is_kept(
    new: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: State) -> Observation:
        raise ProvisionerError("Not allowed.", permanent=True)

    monkeypatch.setattr(backend(new), "observe", refused)

    failed = settle(new)

    assert failed.backend_state == {"deployment_id": new.pk}
    assert operation(new).failure_cause == "Not allowed."


def test_only_one_worker_works_at_a_time(new: Deployment) -> None:
    assert reconciler.claim(new.pk) is not None
    assert reconciler.claim(new.pk) is None
    assert reconciler.reconcile(new.pk) is None


def test_the_lease_of_a_dead_worker_ends(new: Deployment) -> None:
    reconciler.claim(new.pk)
    Deployment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert settle(new).status == "HEALTHY"


def test_a_clock_set_back_neither_lends_a_lease_nor_time(new: Deployment) -> None:
    later = timezone.now() + timedelta(hours=3)
    Deployment.objects.update(lease_until=later, observed_at=later)
    Operation.objects.update(started_at=later, deadline=later + timedelta(minutes=5))

    assert reconciler.reconcile(new.pk) is not None

    assert operation(new).deadline < timezone.now() + timedelta(minutes=6)
    assert settle(new).status == "HEALTHY"


def test_a_stale_worker_writes_nothing(new: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """It slept through its lease; somebody else works by now."""
    real = MemoryProvisioner.observe

    def overtaken(self: MemoryProvisioner, state: State) -> Observation:
        Deployment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert reconciler.claim(new.pk)
        return real(self, state)

    monkeypatch.setattr(MemoryProvisioner, "observe", overtaken)

    assert reconciler.reconcile(new.pk) is None

    after = fresh(new)
    assert (after.applied_generation, after.backend_state) == (0, {})
    assert not OperationStep.objects.exists()
    assert after.lease_until is not None, "the lease of the living worker stays"


def test_a_wish_that_changes_meanwhile_is_handed_over_at_once(
    running: Deployment, oliver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.hibernate(running, actor=factories.actor(oliver))
    real = MemoryProvisioner.stop

    def overtaken(self: MemoryProvisioner, state: State, *, generation: int) -> State:
        if fresh(running).wish == Wish.STOPPED:
            services.wake(running, actor=factories.actor(oliver))
            assert reconciler.claim(running.pk) is None, "two workers would push both ways"
        return real(self, state, generation=generation)

    monkeypatch.setattr(MemoryProvisioner, "stop", overtaken)

    assert reconciler.reconcile(running.pk) == timedelta()
    assert settle(running).status == "HEALTHY"


def test_a_late_stop_is_refused(running: Deployment, oliver: User) -> None:
    """A worker outlived its lease, and the wish has become running again."""
    services.hibernate(running, actor=factories.actor(oliver))
    settle(running)
    services.wake(running, actor=factories.actor(oliver))
    reconciler.reconcile(running.pk)

    with pytest.raises(ProvisionerError):
        backend(running).stop(fresh(running).backend_state, generation=2)

    assert settle(running).status == "HEALTHY"


def test_what_a_killed_worker_handed_over_goes_with_its_deployment(
    new: Deployment, oliver: User
) -> None:
    backend(new).apply(spec.build(new), {})
    assert fresh(new).backend_state == {}, "it died before it could write that down"

    services.delete(new, typed_name="etl", actor=factories.actor(oliver))

    assert settle(new).status == "DELETED"
    handed = backend(new).address(new.pk)
    assert backend(new).observe(handed).phase is Phase.ABSENT


def test_a_newer_wish_supersedes_the_running_operation(new: Deployment, oliver: User) -> None:
    reconciler.reconcile(new.pk)

    services.delete(new, typed_name="etl", actor=factories.actor(oliver))
    gone = settle(new)

    assert gone.status == "DELETED"
    assert gone.deleted_at is not None
    ends = Operation.objects.order_by("started_at").values_list("kind", "status")
    assert list(ends) == [("CREATE", "SUPERSEDED"), ("DELETE", "SUCCEEDED")]


def test_a_deployment_may_go_before_anything_was_made(new: Deployment, oliver: User) -> None:
    services.delete(new, typed_name="etl", actor=factories.actor(oliver))
    assert settle(new).status == "DELETED"

    services.restore(fresh(new), actor=factories.actor(oliver))
    assert settle(new).status == "HIBERNATING"

    services.wake(fresh(new), actor=factories.actor(oliver))
    assert settle(new).status == "HEALTHY"


def test_a_hibernation_that_fails_says_so_and_can_be_retried(
    running: Deployment, oliver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: State, *, generation: int) -> State:
        raise ProvisionerError("Not now.", remedy="Later.", permanent=True)

    with monkeypatch.context() as patch:
        patch.setattr(backend(running), "stop", refused)
        services.hibernate(running, actor=factories.actor(oliver))
        assert settle(running).status == "UNHEALTHY"

    services.retry(fresh(running), actor=factories.actor(oliver))

    asleep = settle(running)
    assert (asleep.status, asleep.components) == ("HIBERNATING", [])


def test_what_programs_print_is_stored_without_what_the_database_refuses(
    new: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend(new).fail_at("build-environment", Failure("bad\x00byte", "x" * 2000, is_permanent=True))

    settle(new)

    ended = operation(new)
    assert ended.failure_cause == "badbyte"
    assert len(ended.failure_remedy) == 1000


def test_the_backend_gets_everything_it_needs(
    new: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs: list[DeploymentSpec] = []

    def noted(spec: DeploymentSpec, state: State) -> State:
        specs.append(spec)
        return state

    monkeypatch.setattr(backends.provisioner(new.cluster), "apply", noted)

    reconciler.reconcile(new.pk)

    (spec,) = specs
    assert (spec.deployment_id, spec.generation, spec.parallelism) == (new.pk, 1, 4)
    assert spec.base_url == f"http://{new.namespace}.localhost:8000/"
    assert spec.console_url.endswith(f"/deployments/{new.pk}/")
