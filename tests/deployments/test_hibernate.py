"""What hibernation and waking promise."""

from __future__ import annotations

import pytest

from access.policy import PermissionDenied
from accounts.models import User
from audit.models import AuditRecord, Outcome
from deployments import services
from deployments.models import Deployment, Operation
from tests import factories
from tests.deployments.driving import backend, fresh, settle, state
from web.errors import Conflict


def test_everything_ends_and_nothing_is_lost(running: Deployment, oliver: User) -> None:
    services.hibernate(running, actor=factories.actor(oliver))
    assert fresh(running).status == "HIBERNATING"

    asleep = settle(running)

    assert (asleep.components, asleep.endpoint) == ([], "")
    assert backend(running).observe(state(running)).phase == "stopped"


def test_waking_brings_it_back(running: Deployment, oliver: User) -> None:
    services.hibernate(running, actor=factories.actor(oliver))
    settle(running)

    services.wake(running, actor=factories.actor(oliver))

    awake = settle(running)
    assert (awake.status, len(awake.components)) == ("HEALTHY", 5)


def test_a_double_click_makes_one_operation(running: Deployment, oliver: User) -> None:
    services.hibernate(running, actor=factories.actor(oliver))

    with pytest.raises(Conflict):
        services.hibernate(running, actor=factories.actor(oliver))

    assert Operation.objects.filter(kind="HIBERNATE").count() == 1


@pytest.mark.parametrize("status", ["CREATING", "DEPLOYING", "HIBERNATING", "DELETING"])
def test_only_what_is_awake_can_fall_asleep(etl: Deployment, oliver: User, status: str) -> None:
    Deployment.objects.filter(pk=etl.pk).update(status=status)

    with pytest.raises(Conflict) as refusal:
        services.hibernate(etl, actor=factories.actor(oliver))

    assert refusal.value.status == 409
    assert fresh(etl).generation == 1


def test_only_what_sleeps_can_be_woken(running: Deployment, oliver: User) -> None:
    with pytest.raises(Conflict):
        services.wake(running, actor=factories.actor(oliver))


def test_a_wish_while_the_agent_is_silent_is_kept(running: Deployment, oliver: User) -> None:
    backend(running).fall_silent()
    services.hibernate(running, actor=factories.actor(oliver))
    assert fresh(running).wish == "STOPPED"

    backend(running).fall_silent(False)

    assert settle(running).status == "HIBERNATING"


def test_an_author_may_not_and_the_book_says_who_tried(etl: Deployment, wanda: User) -> None:
    with pytest.raises(PermissionDenied):
        services.hibernate(etl, actor=factories.actor(wanda))

    row = AuditRecord.objects.get(action="deployments.hibernate")
    assert (row.actor_label, row.outcome) == ("wanda@example.com", Outcome.REFUSED)
    assert (row.deployment_id, row.door) == (etl.pk, "page")
    assert not Operation.objects.exists()


def test_the_book_says_what_changed(running: Deployment, oliver: User) -> None:
    services.hibernate(running, actor=factories.actor(oliver))

    row = AuditRecord.objects.get(action="deployments.hibernate")
    assert row.before == {"status": "HEALTHY", "wish": "RUNNING"}
    assert row.after == {"status": "HIBERNATING", "wish": "STOPPED"}
