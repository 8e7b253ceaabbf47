"""What nobody owns is found and cleared; what the console merely does not know keeps its data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.management import call_command

from access.actor import system
from accounts.models import User
from audit.models import AuditRecord
from deployments import orphans, services, spec
from deployments.models import Cluster, Deployment
from deployments.orphans import Verdict
from deployments.provisioners.base import Phase
from tests import factories
from tests.deployments.driving import backend, fresh, settle
from web.errors import Conflict, NotFound


def verdicts() -> dict[str, Verdict]:
    return {each.pk: each.verdict for each in orphans.look()}


def phase(deployment: Deployment) -> Phase:
    """What its backend says, whether or not there is a row."""
    twin = backend(deployment)
    seen = twin.observe(twin.address(deployment.pk))
    while seen.phase is Phase.WORKING:
        seen = twin.observe(twin.address(deployment.pk))
    return seen.phase


def forget(deployment: Deployment) -> None:
    """As a restored database would: the row was never there."""
    Deployment.objects.filter(pk=deployment.pk).delete()


def test_what_the_console_wished_for_is_owned(running: Deployment) -> None:
    assert verdicts() == {}
    orphans.clear()
    assert phase(running) is Phase.RUNNING


def test_what_the_database_does_not_know_stops_and_keeps_its_data(running: Deployment) -> None:
    forget(running)
    assert verdicts() == {running.pk: Verdict.UNKNOWN}

    orphans.clear()

    assert phase(running) is Phase.STOPPED
    assert verdicts() == {running.pk: Verdict.UNKNOWN}, "it stays listed"


def test_another_database_touches_nothing(running: Deployment) -> None:
    twin = backend(running)
    twin.apply(replace(spec.build(running), cluster_id="other", generation=2), {})
    forget(running)
    assert verdicts() == {running.pk: Verdict.FOREIGN}

    orphans.clear()

    assert phase(running) is Phase.RUNNING


def test_what_was_deleted_is_retained(running: Deployment, oliver: User) -> None:
    services.delete(running, typed_name="etl", actor=factories.actor(oliver))
    settle(running)

    orphans.clear()

    assert verdicts() == {}
    assert running.pk in {each.deployment_id for each in backend(running).inventory().holdings}


def test_a_late_call_that_woke_a_sleeper_is_undone(running: Deployment, oliver: User) -> None:
    services.hibernate(running, actor=factories.actor(oliver))
    settle(running)
    backend(running).apply(replace(spec.build(fresh(running))), {})
    assert verdicts() == {running.pk: Verdict.AWAKE}

    orphans.clear()

    assert phase(running) is Phase.STOPPED
    assert verdicts() == {}


def test_what_was_purged_and_is_there_again_goes(running: Deployment) -> None:
    book = {"deployment_id": running.pk, "target_id": running.pk, "actor_kind": "SYSTEM"}
    AuditRecord.objects.create(action="deployments.purge", **book)
    forget(running)
    assert verdicts() == {running.pk: Verdict.PURGED}

    orphans.clear()

    assert phase(running) is Phase.ABSENT
    assert verdicts() == {}


def test_the_operator_removes_what_is_left_and_the_book_says_so(running: Deployment) -> None:
    with pytest.raises(Conflict):
        orphans.remove(running.pk, actor=system("operator"))
    forget(running)

    orphans.remove(running.pk, actor=system("operator"))

    assert phase(running) is Phase.ABSENT
    row = AuditRecord.objects.get(action="deployments.remove_orphan")
    assert (row.deployment_id, row.actor_label) == (running.pk, "operator")
    with pytest.raises(NotFound):
        orphans.remove(running.pk, actor=system("operator"))


def test_a_silent_cluster_hides_what_it_keeps(running: Deployment) -> None:
    backend(running).fall_silent()
    forget(running)

    orphans.clear()

    assert verdicts() == {}
    backend(running).fall_silent(False)
    assert phase(running) is Phase.RUNNING


def test_the_list_of_the_command_names_the_remedy(
    running: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("orphans")
    assert "is owned" in capsys.readouterr().out
    forget(running)

    call_command("orphans")

    assert Cluster.objects.count() == 2
    said = capsys.readouterr().out
    assert f"{running.pk} on memory: not in this console's database." in said
    assert f"./console orphans --remove {running.pk}" in said
