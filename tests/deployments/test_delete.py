"""What deleting, restoring and purging promise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from access.actor import system
from access.policy import PermissionDenied
from access.roles import Role
from accounts.models import CustomRole, User
from audit.models import AuditRecord, Outcome
from deployments import queries, services, tasks
from deployments.models import Deployment, DeploymentRoleBinding, Operation
from deployments.services.variables import Variable
from tests import factories
from tests.deployments.driving import backend, fresh, settle, state
from web.errors import Conflict, InvalidInput, NotFound
from workspaces.models import Workspace


@pytest.fixture
def gone(running: Deployment, oliver: User) -> Deployment:
    services.delete(running, typed_name="etl", actor=factories.actor(oliver))
    return settle(running)


def _is_over(deployment: Deployment) -> None:
    long_ago = timezone.now() - timedelta(days=30, seconds=1)
    Deployment.objects.filter(pk=deployment.pk).update(deleted_at=long_ago)


def test_the_name_has_to_be_typed(running: Deployment, oliver: User) -> None:
    with pytest.raises(InvalidInput):
        services.delete(running, typed_name="ETL", actor=factories.actor(oliver))

    assert fresh(running).status == "HEALTHY"


def test_a_deleted_one_is_nowhere_but_among_the_deleted(gone: Deployment, oliver: User) -> None:
    actor = factories.actor(oliver)

    with pytest.raises(NotFound):
        queries.deployment(actor, gone.pk)
    assert list(queries.deployments(actor)) == []
    assert list(queries.deleted(actor)) == [gone]


def test_a_second_delete_is_refused(running: Deployment, oliver: User) -> None:
    services.delete(running, typed_name="etl", actor=factories.actor(oliver))

    with pytest.raises(Conflict):
        services.delete(running, typed_name="etl", actor=factories.actor(oliver))

    assert Operation.objects.filter(kind="DELETE").count() == 1


def test_a_deletion_that_fails_can_be_retried(
    running: Deployment, oliver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = backend(running)
    silent.fall_silent()
    services.delete(running, typed_name="etl", actor=factories.actor(oliver))
    Operation.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    assert settle(running).status == "UNHEALTHY"
    silent.fall_silent(False)

    services.retry(fresh(running), actor=factories.actor(oliver))

    assert settle(running).status == "DELETED"


def test_nothing_is_changed_while_a_failed_deletion_stands(
    running: Deployment, oliver: User
) -> None:
    Deployment.objects.filter(pk=running.pk).update(status="UNHEALTHY", wish="DELETED")

    with pytest.raises(Conflict):
        services.set_variable(running, Variable("A", "1"), actor=factories.actor(oliver))


def test_restoring_brings_it_back_asleep_with_its_data(gone: Deployment, oliver: User) -> None:
    services.restore(gone, actor=factories.actor(oliver))

    back = settle(gone)
    assert (back.status, back.wish, back.deleted_at) == ("HIBERNATING", "STOPPED", None)
    services.wake(back, actor=factories.actor(oliver))
    assert settle(back).status == "HEALTHY"


def test_who_may_delete_one_may_take_the_deletion_back(gone: Deployment, mia: User) -> None:
    """A right on that Deployment alone is enough: nothing comes that was not there."""
    _give(mia, gone, "deployment.delete")

    services.restore(gone, actor=factories.actor(mia))

    assert settle(gone).status == "HIBERNATING"


def test_who_may_change_but_not_delete_one_takes_no_deletion_back(
    gone: Deployment, mia: User
) -> None:
    """Else an operator's decision would last until the next author."""
    _give(mia, gone, "deployment.update", "deployment.deploys.create")
    factories.grant(mia, gone.workspace, Role.WORKSPACE_AUTHOR)

    with pytest.raises(PermissionDenied):
        services.restore(gone, actor=factories.actor(mia))

    assert fresh(gone).status == "DELETED"


def _give(user: User, deployment: Deployment, *rights: str) -> None:
    role = CustomRole.objects.create(
        organization=deployment.organization,
        name="Mine",
        scope_type="DEPLOYMENT",
        permissions=[*rights],
    )
    DeploymentRoleBinding.objects.create(deployment=deployment, user=user, custom_role=role)


def test_its_name_may_be_taken_by_then(gone: Deployment, science: Workspace, oliver: User) -> None:
    factories.deployment(science, "Etl")

    with pytest.raises(Conflict) as refusal:
        services.restore(gone, actor=factories.actor(oliver))

    assert "named etl by now" in refusal.value.cause
    assert fresh(gone).status == "DELETED"


def test_after_its_time_it_cannot_be_restored(gone: Deployment, oliver: User) -> None:
    _is_over(gone)

    with pytest.raises(Conflict):
        services.restore(gone, actor=factories.actor(oliver))
    assert list(queries.deleted(factories.actor(oliver))) == []


def test_the_purge_leaves_no_trace_but_the_book(gone: Deployment) -> None:
    twin, kept = backend(gone), state(gone)
    _is_over(gone)

    tasks.purge()

    assert not Deployment.objects.exists()
    assert twin._deployments == {}
    assert twin.observe(kept).phase == "absent"
    row = AuditRecord.objects.get(action="deployments.purge")
    assert (row.actor_label, row.target_id) == ("retention", gone.pk)


def test_the_purge_takes_only_what_is_over(gone: Deployment) -> None:
    tasks.purge()

    assert fresh(gone).status == "DELETED"
    with pytest.raises(Conflict):
        services.purge(gone, actor=system("retention"))


def test_the_purge_takes_nothing_that_was_not_deleted(etl: Deployment) -> None:
    _is_over(etl)

    with pytest.raises(Conflict):
        services.purge(fresh(etl), actor=system("retention"))


def test_an_author_may_not_and_the_book_says_who_tried(etl: Deployment, wanda: User) -> None:
    with pytest.raises(PermissionDenied):
        services.delete(etl, typed_name="prod-etl", actor=factories.actor(wanda))

    row = AuditRecord.objects.get(action="deployments.delete")
    assert (row.actor_label, row.outcome) == ("wanda@example.com", Outcome.REFUSED)
