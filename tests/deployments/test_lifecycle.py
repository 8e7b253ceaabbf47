"""The whole product of Status and Trigger, against a table typed by hand."""

from __future__ import annotations

import itertools

import pytest

from deployments.lifecycle import IllegalTransitionError, Status, Trigger, after, possible
from deployments.models import Deployment, StatusChange
from web.errors import Conflict

# Rows are statuses, columns triggers; a dash means that the trigger means nothing there.
TABLE = """
             change      hibernate   wake      retry     delete   restore     became_healthy degraded  failed    lost    deleted
CREATING     -           -           -         -         DELETING -           HEALTHY        -         UNHEALTHY -       -
DEPLOYING    DEPLOYING   -           -         -         DELETING -           HEALTHY        -         UNHEALTHY -       -
HEALTHY      DEPLOYING   HIBERNATING -         -         DELETING -           HEALTHY        UNHEALTHY UNHEALTHY UNKNOWN -
UNHEALTHY    DEPLOYING   HIBERNATING -         DEPLOYING DELETING -           HEALTHY        -         UNHEALTHY UNKNOWN -
UNKNOWN      DEPLOYING   HIBERNATING -         DEPLOYING DELETING -           HEALTHY        UNHEALTHY UNHEALTHY UNKNOWN -
HIBERNATING  HIBERNATING -           DEPLOYING -         DELETING -           -              -         UNHEALTHY -       -
DELETING     -           -           -         -         -        -           -              -         UNHEALTHY -       DELETED
DELETED      -           -           -         -         -        HIBERNATING -              -         -         -       -
"""  # noqa: E501


def _expected() -> dict[tuple[Status, Trigger], Status | None]:
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    return {
        (Status(row[0]), Trigger(trigger)): None if cell == "-" else Status(cell)
        for row in rows
        for trigger, cell in zip(header, row[1:], strict=True)
    }


EXPECTED = _expected()


def test_the_table_names_every_pair() -> None:
    assert set(EXPECTED) == set(itertools.product(Status, Trigger))


@pytest.mark.parametrize(("status", "trigger"), list(itertools.product(Status, Trigger)))
def test_each_pair_leads_where_the_table_says(status: Status, trigger: Trigger) -> None:
    target = EXPECTED[status, trigger]
    if target is None:
        with pytest.raises(IllegalTransitionError):
            after(status, trigger)
    else:
        assert after(status, trigger) is target
    assert (trigger in possible(status)) is (target is not None)


def test_losing_sight_never_leads_to_anything_destructive() -> None:
    targets = {after(status, Trigger.LOST) for status in Status if Trigger.LOST in possible(status)}
    assert targets == {Status.UNKNOWN}


def test_each_move_is_written_down_once(etl: Deployment) -> None:
    etl.advance(Trigger.DEGRADED, reason="scheduler: exited")

    move = StatusChange.objects.get(deployment=etl)
    assert (move.origin, move.target, move.trigger) == ("HEALTHY", "UNHEALTHY", "degraded")
    assert move.reason == "scheduler: exited"


def test_staying_writes_nothing(etl: Deployment) -> None:
    etl.advance(Trigger.BECAME_HEALTHY)

    assert not StatusChange.objects.exists()


def test_who_read_an_old_status_cannot_move_it(etl: Deployment) -> None:
    stale = Deployment.objects.get(pk=etl.pk)
    etl.advance(Trigger.HIBERNATE)

    with pytest.raises(Conflict):
        stale.advance(Trigger.DEGRADED)

    assert Deployment.objects.get(pk=etl.pk).status == Status.HIBERNATING
