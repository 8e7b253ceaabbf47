"""A refusal stands in the book whatever happens around it; without the book nothing happens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction

from access.actions import action, registry
from access.actor import Actor
from access.permissions import Permission
from access.policy import PermissionDenied
from accounts.models import Organization, User
from audit.models import AuditRecord, Outcome
from tests.factories import actor
from workspaces import services
from workspaces.models import Workspace


@pytest.fixture
def full(db: None) -> Iterator[None]:
    """The database takes no further row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_auditrecord ADD CONSTRAINT is_full CHECK (false) NOT VALID"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditrecord DROP CONSTRAINT is_full")


@pytest.mark.django_db(transaction=True)
def test_a_refusal_outlives_the_transaction_that_it_ends(
    olivia: User, wanda: User, acme: Organization, science: Workspace
) -> None:
    @transaction.atomic
    def together() -> None:
        services.create(acme, name="Marketing", actor=actor(olivia))
        services.delete(science, typed_name="Data Science", actor=actor(wanda))

    with pytest.raises(PermissionDenied):
        together()

    assert not Workspace.objects.filter(name="Marketing").exists()
    row = AuditRecord.objects.get()
    assert (row.action, row.outcome) == ("workspaces.delete", Outcome.REFUSED)
    assert (row.actor_id, row.target_id) == (wanda.pk, science.pk)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_stands_there_before_the_transaction_goes_on(
    wanda: User, science: Workspace
) -> None:
    with transaction.atomic():
        with pytest.raises(PermissionDenied):
            services.delete(science, typed_name="Data Science", actor=actor(wanda))
        assert AuditRecord.objects.get().outcome == Outcome.REFUSED
        transaction.set_rollback(True)

    assert AuditRecord.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_refusal_within_two_actions_is_recorded_once(oliver: User, science: Workspace) -> None:
    @action(Permission.WORKSPACE_GET_BASIC)
    def outer(workspace: Workspace, *, actor: Actor) -> None:
        services.delete(workspace, typed_name=workspace.name, actor=actor)

    with pytest.raises(PermissionDenied):
        outer(science, actor=actor(oliver))
    registry.pop(f"{__name__}.outer")

    row = AuditRecord.objects.get(outcome=Outcome.REFUSED)
    assert row.action == "workspaces.delete"


@pytest.mark.usefixtures("full")
def test_what_the_database_does_not_write_down_does_not_happen(
    olivia: User, acme: Organization, science: Workspace
) -> None:
    for act in (
        lambda: services.create(acme, name="Marketing", actor=actor(olivia)),
        lambda: services.delete(science, typed_name="Data Science", actor=actor(olivia)),
    ):
        with pytest.raises(IntegrityError, match="is_full"), transaction.atomic():
            act()

    assert [each.name for each in Workspace.objects.all()] == ["Data Science"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("full")
def test_a_refusal_that_cannot_be_written_is_an_error_and_no_leave(
    wanda: User, science: Workspace
) -> None:
    with pytest.raises(IntegrityError, match="is_full"):
        services.delete(science, typed_name="Data Science", actor=actor(wanda))

    assert Workspace.objects.filter(pk=science.pk).exists()
