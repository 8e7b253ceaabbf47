"""What every write promises: the right, one transition, one row in the book."""

from __future__ import annotations

import pytest

from access.policy import ExceedsOwnRights, PermissionDenied
from accounts.models import ApiToken, Organization, User
from audit.models import AuditRecord, Outcome
from tests.factories import actor
from web.errors import Conflict, NotFound
from workspaces import services
from workspaces.models import Workspace
from workspaces.services import tokens


def test_a_write_is_recorded_with_what_it_changed(olivia: User, acme: Organization) -> None:
    made = services.create(acme, name="Marketing", actor=actor(olivia))

    row = AuditRecord.objects.get(action="workspaces.create")
    assert (row.actor_label, row.target_id, row.outcome) == (
        "olivia@example.com", made.pk, Outcome.DONE,
    )  # fmt: skip
    assert row.after["name"] == "Marketing"
    assert (row.organization_id, row.source_ip) == (acme.pk, "127.0.0.1")


def test_a_change_names_only_the_fields_that_differ(olivia: User, science: Workspace) -> None:
    services.update(
        science, name="Science", description="", enforces_ci_cd=False, actor=actor(olivia)
    )

    row = AuditRecord.objects.get(action="workspaces.update")
    assert (row.before, row.after) == ({"name": "Data Science"}, {"name": "Science"})


def test_a_refusal_is_recorded_and_changes_nothing(wanda: User, science: Workspace) -> None:
    with pytest.raises(PermissionDenied) as refusal:
        services.delete(science, typed_name="Data Science", actor=actor(wanda))

    assert "Workspace Owner" in refusal.value.remedy
    assert Workspace.objects.filter(pk=science.pk).exists()
    assert AuditRecord.objects.get(action="workspaces.delete").outcome == Outcome.REFUSED


def test_to_hand_on_more_than_one_has_is_a_refusal_that_is_recorded(
    oliver: User, science: Workspace
) -> None:
    with pytest.raises(ExceedsOwnRights):
        tokens.create_token(science, name="ci", role="WORKSPACE_OWNER", actor=actor(oliver))

    row = AuditRecord.objects.get(action="workspaces.create_token")
    assert (row.outcome, row.target_id) == (Outcome.REFUSED, science.pk)
    assert row.actor_id == oliver.pk
    assert not ApiToken.objects.exists()


def test_a_failed_write_leaves_no_row(olivia: User, science: Workspace, acme: Organization) -> None:
    with pytest.raises(Conflict):
        services.create(acme, name="DATA science", actor=actor(olivia))

    assert not AuditRecord.objects.filter(action="workspaces.create").exists()


def test_without_its_audit_row_nothing_happens(
    olivia: User, acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("the book is full")

    monkeypatch.setattr("access.actions.record", broken)
    with pytest.raises(OSError, match="full"):
        services.create(acme, name="Marketing", actor=actor(olivia))

    assert not Workspace.objects.filter(name="Marketing").exists()


def test_what_was_deleted_meanwhile_is_said_to_be_gone(olivia: User, science: Workspace) -> None:
    Workspace.objects.filter(pk=science.pk).delete()

    with pytest.raises(NotFound, match="deleted a moment ago"):
        services.delete(science, typed_name="Data Science", actor=actor(olivia))


def test_a_deleted_object_is_still_named(olivia: User, science: Workspace) -> None:
    services.delete(science, typed_name="Data Science", actor=actor(olivia))

    row = AuditRecord.objects.get(action="workspaces.delete")
    assert (row.target_id, row.target_label) == (science.pk, "Data Science")
    assert row.before["name"] == "Data Science"
    assert row.after == {}
