"""What a grant with an end promises: it is gone at its moment, cleared, told and written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from access import scopes
from access.actor import system
from access.permissions import Permission
from access.roles import Role
from access.scopes import Principal
from accounts.models import OrganizationRoleBinding, Team, User
from accounts.services import ends
from audit.models import AuditRecord
from deployments.models import Deployment
from tests import factories
from workspaces.models import Workspace, WorkspaceRoleBinding

PAST = timedelta(seconds=-1)


def end(binding: OrganizationRoleBinding | WorkspaceRoleBinding, after: timedelta = PAST) -> None:
    type(binding)._default_manager.filter(pk=binding.pk).update(expires_at=timezone.now() + after)


def test_what_ended_is_cleared_with_an_audit_row_and_told(
    wanda: User,
    science: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    heard: list[Principal] = []
    monkeypatch.setattr(scopes, "_listeners", [heard.append])
    end(WorkspaceRoleBinding.objects.get(user=wanda))

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        assert ends.remove_ended(actor=system("ends")) == 1
    assert ends.remove_ended(actor=system("ends")) == 0

    assert not WorkspaceRoleBinding.objects.filter(user=wanda).exists()
    row = AuditRecord.objects.get(action="accounts.end_grant")
    assert row.before["role"] == "WORKSPACE_AUTHOR"
    assert row.workspace_id == science.pk
    assert [each.id for each in heard] == [wanda.pk]


def test_what_lasts_stays_and_what_ends_soon_is_known(wanda: User, oliver: User) -> None:
    binding = WorkspaceRoleBinding.objects.get(user=wanda)
    end(binding, after=timedelta(seconds=5))

    assert ends.remove_ended(actor=system("ends")) == 0
    binding.refresh_from_db()
    assert ends.upcoming() == [binding.expires_at]


def test_an_owner_for_a_time_is_a_member_again(mia: User, olivia: User) -> None:
    mine = OrganizationRoleBinding.objects.get(user=mia)
    OrganizationRoleBinding.objects.filter(pk=mine.pk).update(role=Role.ORGANIZATION_OWNER)
    end(mine)

    ends.remove_ended(actor=system("ends"))

    mine.refresh_from_db()
    assert (mine.role, mine.expires_at) == ("ORGANIZATION_MEMBER", None)


def test_a_member_for_a_time_leaves_with_everything(
    wanda: User, crew: Team, etl: Deployment
) -> None:
    end(OrganizationRoleBinding.objects.get(user=wanda))

    ends.remove_ended(actor=system("ends"))

    assert not OrganizationRoleBinding.objects.filter(user=wanda).exists()
    assert not crew.memberships.filter(user=wanda).exists()
    assert not factories.actor(wanda).can(Permission.DEPLOYMENT_GET, etl)
