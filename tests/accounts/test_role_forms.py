"""What choosing a role promises: only what one holds, until when, and never over a newer choice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.permissions import Permission
from access.policy import ExceedsOwnRights
from access.roles import Role
from accounts.models import CustomRole, Organization, OrganizationRoleBinding, User
from accounts.services import members
from tests import factories
from web.errors import Conflict, InvalidInput
from workspaces import services
from workspaces.models import Workspace, WorkspaceRoleBinding


@pytest.fixture
def watcher(acme: Organization) -> CustomRole:
    return CustomRole.objects.create(
        organization=acme,
        scope_type="WORKSPACE",
        name="Watcher",
        permissions=["workspace.members.get"],
    )


def binding(user: User) -> WorkspaceRoleBinding:
    return WorkspaceRoleBinding.objects.get(user=user)


def test_a_role_of_the_organization_is_given_and_shown_by_its_name(
    client: Client, olivia: User, wanda: User, science: Workspace, watcher: CustomRole
) -> None:
    client.force_login(olivia)
    address = reverse("workspaces:member", args=[science.pk, wanda.pk])

    assert "Watcher" in client.get(address).content.decode()
    answer = client.post(address, {"role": watcher.pk, "until": ""}, follow=True)

    assert binding(wanda).held_role.label == "Watcher"
    assert "Watcher" in answer.content.decode()
    assert "Watcher" in client.get(address).content.decode()


def test_a_grant_may_end_and_the_list_says_when(
    client: Client, olivia: User, wanda: User, science: Workspace
) -> None:
    client.force_login(olivia)
    friday = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)

    answer = client.post(
        reverse("workspaces:member", args=[science.pk, wanda.pk]),
        {"role": "WORKSPACE_OPERATOR", "until": f"{friday:%Y-%m-%dT%H:%M}"},
        follow=True,
    )

    assert binding(wanda).expires_at == friday
    assert "until" in answer.content.decode()


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2020-01-01T00:00", "This is past"),
        ("2100-01-01T00:00", "At most 3,650 days"),
        ("next friday", "Enter a valid date/time"),
    ],
)
def test_a_bad_end_is_refused_at_its_field_and_stays_typed(
    client: Client, olivia: User, wanda: User, science: Workspace, until: str, words: str
) -> None:
    client.force_login(olivia)

    answer = client.post(
        reverse("workspaces:member", args=[science.pk, wanda.pk]),
        {"role": "WORKSPACE_OPERATOR", "until": until},
    )

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert until in answer.content.decode()
    assert binding(wanda).role == "WORKSPACE_AUTHOR"


def test_a_stale_form_shows_both_and_goes_through_when_sent_again(
    client: Client, olivia: User, wanda: User, science: Workspace
) -> None:
    client.force_login(olivia)
    address = reverse("workspaces:member", args=[science.pk, wanda.pk])
    shown = binding(wanda).worth
    services.change_member_role(
        binding(wanda), role=Role.WORKSPACE_OPERATOR, actor=factories.actor(olivia)
    )

    stale = client.post(address, {"role": "WORKSPACE_MEMBER", "seen": shown})

    words = stale.content.decode()
    assert stale.status_code == 422
    assert "By now it is Operator" in words
    assert '<option value="WORKSPACE_MEMBER" selected>' in words
    assert f'value="{binding(wanda).worth}"' in words
    again = client.post(address, {"role": "WORKSPACE_MEMBER", "seen": binding(wanda).worth})
    assert again.status_code == 302
    assert binding(wanda).role == "WORKSPACE_MEMBER"


def test_nobody_gives_a_role_above_their_own(
    olivia: User, wanda: User, mia: User, acme: Organization, science: Workspace
) -> None:
    made = CustomRole.objects.create(
        organization=acme,
        scope_type="WORKSPACE",
        name="Steward",
        permissions=["workspace.roles.update", "workspace.members.get"],
    )
    WorkspaceRoleBinding.objects.create(workspace=science, user=mia, custom_role=made)
    mias = factories.actor(mia)

    with pytest.raises(ExceedsOwnRights):
        services.change_member_role(binding(wanda), role=Role.WORKSPACE_OWNER, actor=mias)
    services.change_member_role(binding(wanda), role=Role.WORKSPACE_ACCESSOR, actor=mias)
    assert not factories.actor(wanda).can(Permission.WORKSPACE_MEMBERS_GET, science)


def test_a_role_above_ones_own_cannot_be_chosen_and_says_why(
    client: Client, wanda: User, mia: User, acme: Organization, science: Workspace
) -> None:
    made = CustomRole.objects.create(
        organization=acme,
        scope_type="WORKSPACE",
        name="Steward",
        permissions=["workspace.roles.update", "workspace.members.get"],
    )
    WorkspaceRoleBinding.objects.create(workspace=science, user=mia, custom_role=made)
    client.force_login(mia)

    words = client.get(reverse("workspaces:member", args=[science.pk, wanda.pk])).content.decode()

    assert "Owner (above your own rights)" in words
    assert "Steward (above" not in words


def test_the_last_owner_gets_no_end(olivia: User) -> None:
    mine = OrganizationRoleBinding.objects.get(user=olivia)
    until = timezone.now() + timedelta(days=1)

    with pytest.raises(Conflict):
        members.change_member_role(
            mine, role=Role.ORGANIZATION_OWNER, until=until, actor=factories.actor(olivia)
        )


def test_an_invitation_carries_no_end(client: Client, olivia: User, science: Workspace) -> None:
    client.force_login(olivia)
    later = datetime.now(UTC) + timedelta(days=2)

    answer = client.post(
        reverse("workspaces:member_add", args=[science.pk]),
        {
            "email": "nina@example.com",
            "role": "WORKSPACE_MEMBER",
            "until": f"{later:%Y-%m-%d %H:%M}",
        },
    )

    assert answer.status_code == 422
    assert "An end can be set once the person has joined" in answer.content.decode()


def test_a_role_of_another_scope_is_refused(olivia: User, wanda: User, acme: Organization) -> None:
    with pytest.raises(InvalidInput):
        services.change_member_role(
            binding(wanda), role=Role.ORGANIZATION_OWNER, actor=factories.actor(olivia)
        )
