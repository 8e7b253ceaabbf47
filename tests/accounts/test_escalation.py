"""Nobody comes by more than they hold, nor for longer; and whatever was given stands in the log."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta
from time import monotonic

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.policy import ExceedsOwnRights
from access.roles import Role
from accounts.models import CustomRole, Organization, OrganizationRoleBinding, User
from accounts.services import custom_roles, invitations, organization_tokens, teams
from accounts.sinks import channels
from audit.models import AuditRecord
from tests import factories
from web.errors import Conflict
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services import members, tokens

pytestmark = pytest.mark.django_db


def custom(organization: Organization, scope_type: str, *permissions: str) -> CustomRole:
    return CustomRole.objects.create(
        organization=organization,
        scope_type=scope_type,
        name=f"{scope_type} {len(permissions)}",
        permissions=list(permissions),
    )


def rows(action: str) -> list[AuditRecord]:
    return list(AuditRecord.objects.filter(action=action).order_by("pk"))


def test_who_may_invite_makes_no_new_link_to_more_than_they_hold(
    acme: Organization, olivia: User, mia: User
) -> None:
    inviter = custom(
        acme, "ORGANIZATION", "organization.invites.get", "organization.invites.create"
    )
    OrganizationRoleBinding.objects.filter(user=mia).update(role="", custom_role=inviter)
    offered = invitations.invite(
        acme,
        email="boss@example.com",
        role=Role.ORGANIZATION_OWNER,
        actor=factories.actor(olivia),
    )

    with pytest.raises(ExceedsOwnRights):
        invitations.renew_invitation(offered, actor=factories.actor(mia))


def test_nobody_puts_off_the_end_of_their_own_role(mia: User, science: Workspace) -> None:
    until = timezone.now() + timedelta(hours=1)
    mine = WorkspaceRoleBinding.objects.create(
        workspace=science, user=mia, role=Role.WORKSPACE_OWNER, expires_at=until
    )
    for later in (None, until + timedelta(minutes=1)):
        with pytest.raises(ExceedsOwnRights, match="own role"):
            members.change_member_role(
                mine, role=Role.WORKSPACE_OWNER, until=later, actor=factories.actor(mia)
            )
    sooner = until - timedelta(minutes=30)
    members.change_member_role(
        mine, role=Role.WORKSPACE_OWNER, until=sooner, actor=factories.actor(mia)
    )


def test_a_new_teams_role_and_people_stand_in_the_log(
    acme: Organization, olivia: User, mia: User
) -> None:
    teams.create_team(
        acme,
        name="Platform",
        role=Role.ORGANIZATION_OWNER,
        emails=[mia.email],
        actor=factories.actor(olivia),
    )

    assert [row.after["role"] for row in rows("accounts.give_team_role")] == ["ORGANIZATION_OWNER"]
    assert len(rows("accounts.add_team_member")) == 1


def test_a_new_tokens_role_stands_in_the_log(
    acme: Organization, olivia: User, science: Workspace
) -> None:
    owner = factories.actor(olivia)
    organization_tokens.create_token(acme, name="a", role=Role.ORGANIZATION_OWNER, actor=owner)
    tokens.create_token(science, name="b", role=Role.WORKSPACE_AUTHOR, actor=owner)

    assert [row.after["role"] for row in rows("accounts.give_token_role")] == ["ORGANIZATION_OWNER"]
    assert [row.after["role"] for row in rows("workspaces.give_token_role")] == ["WORKSPACE_AUTHOR"]


def test_a_role_taken_from_everybody_says_from_whom(
    acme: Organization, olivia: User, mia: User
) -> None:
    role = custom(acme, "ORGANIZATION", "organization.lineage.get")
    OrganizationRoleBinding.objects.filter(user=mia).update(role="", custom_role=role)

    custom_roles.delete_custom_role(
        role, typed_name=role.name, removes_grants=True, actor=factories.actor(olivia)
    )

    assert OrganizationRoleBinding.objects.get(user=mia).role == "ORGANIZATION_MEMBER"
    assert len(rows("accounts.end_grant")) == 1


def test_a_role_that_keeps_a_token_within_reach_is_not_taken_away(
    acme: Organization, olivia: User
) -> None:
    role = custom(acme, "ORGANIZATION", "organization.lineage.get")
    owner = factories.actor(olivia)
    token = organization_tokens.create_token(acme, name="robot", role=role.pk, actor=owner)

    with pytest.raises(custom_roles.RoleInUse, match="robot"):
        custom_roles.delete_custom_role(
            role, typed_name=role.name, removes_grants=True, actor=owner
        )
    assert OrganizationRoleBinding.objects.filter(api_token=token).exists()


def test_attaching_again_changes_no_role_unseen(
    acme: Organization, olivia: User, science: Workspace
) -> None:
    owner = factories.actor(olivia)
    token = organization_tokens.create_token(
        acme, name="robot", role=Role.ORGANIZATION_MEMBER, actor=owner
    )
    for _ in range(2):
        tokens.attach_token(science, token_id=token.pk, role=Role.WORKSPACE_MEMBER, actor=owner)

    with pytest.raises(Conflict, match="attached here already"):
        tokens.attach_token(science, token_id=token.pk, role=Role.WORKSPACE_OWNER, actor=owner)


def test_what_no_text_holds_is_bad_input_and_no_fault(
    client: Client, olivia: User, science: Workspace
) -> None:
    client.force_login(olivia)

    answer = client.get(reverse("workspaces:rights", args=[science.pk]) + "?token=%00")

    assert answer.status_code in {400, 404}


def test_a_receiver_that_drips_holds_nobody_up() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        is_over = threading.Event()
        threading.Thread(target=_drip, args=(theirs, is_over), daemon=True).start()
        began = timezone.now()
        channels._stream(ours, [b"one"], monotonic() + 0.5)
        is_over.set()

    assert timezone.now() - began < timedelta(seconds=5)


def _drip(line: socket.socket, is_over: threading.Event) -> None:
    while not is_over.wait(0.05):
        try:
            line.send(b".")
        except OSError:
            return
