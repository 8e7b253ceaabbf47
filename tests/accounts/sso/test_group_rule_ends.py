"""What a group rule gave ends with it, its place, its provider and its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from access.actor import system
from access.roles import Role
from accounts import tasks
from accounts.group_rules import applying
from accounts.models import (
    CustomRole,
    HeardGroups,
    Organization,
    OrganizationRoleBinding,
    SsoConnection,
    User,
)
from accounts.services import custom_roles, members, sso_connections
from accounts.services import group_rules as services
from accounts.services.group_rules import Wish
from audit.models import AuditRecord
from tests import factories
from tests.accounts.sso.conftest import Come, Write
from tests.accounts.sso.saml.provider import pair
from web.errors import Conflict
from workspaces.models import Workspace, WorkspaceRoleBinding


def test_a_rule_counts_at_once_for_those_who_are_known_and_ends_with_it(
    mia: User, olivia: User, science: Workspace, write: Write, come: Come
) -> None:
    come(mia, "data")
    made = write("data", science, Role.WORKSPACE_AUTHOR)
    assert WorkspaceRoleBinding.objects.get(user=mia).is_by_rule

    wish = Wish("data", science, Role.WORKSPACE_OPERATOR)
    services.change_group_rule(made, wish=wish, actor=factories.actor(olivia))
    assert WorkspaceRoleBinding.objects.get(user=mia).role == "WORKSPACE_OPERATOR"

    made.refresh_from_db()
    services.remove_group_rule(made, actor=factories.actor(olivia))
    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()


def test_what_was_deleted_gives_nothing(
    mia: User, science: Workspace, write: Write, come: Come
) -> None:
    made = write("data", science, Role.WORKSPACE_AUTHOR)
    science.delete()
    assert come(mia, "data") == ()
    assert services.place_of(made, system("test")) == (None, False)


def test_a_role_of_the_organization_is_not_deleted_while_a_rule_gives_it(
    olivia: User, science: Workspace, custom_role: CustomRole, write: Write, come: Come, mia: User
) -> None:
    write("night", science, custom_role.as_granted())
    come(mia, "night")
    assert WorkspaceRoleBinding.objects.get(user=mia).custom_role == custom_role
    with pytest.raises(Conflict, match="group rule of night"):
        custom_roles.delete_custom_role(
            custom_role, typed_name="Night shift", removes_grants=True,
            actor=factories.actor(olivia),
        )  # fmt: skip


def test_groups_that_nobody_was_heard_to_be_in_for_thirty_days_give_nothing(
    mia: User, science: Workspace, write: Write, come: Come
) -> None:
    write("data", science, Role.WORKSPACE_AUTHOR)
    come(mia, "data")
    month = timezone.now() - timedelta(days=30)
    HeardGroups.objects.update(heard_at=month + timedelta(minutes=1))
    tasks.forget_groups()
    assert WorkspaceRoleBinding.objects.filter(user=mia).exists()

    HeardGroups.objects.update(heard_at=month)
    tasks.forget_groups()

    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()
    row = AuditRecord.objects.filter(action="accounts.follow_groups_into_role").latest("pk")
    assert row.actor_label == "groups"
    come(mia, "data")
    assert WorkspaceRoleBinding.objects.filter(user=mia).exists()


def test_groups_of_who_leaves_are_forgotten(
    acme: Organization, mia: User, science: Workspace, write: Write, come: Come
) -> None:
    """Else they would count at once for somebody who comes back as another."""
    write("data", science, Role.WORKSPACE_AUTHOR)
    come(mia, "data")
    members.leave(OrganizationRoleBinding.objects.get(user=mia), actor=factories.actor(mia))
    OrganizationRoleBinding.objects.create(organization=acme, user=mia, role="ORGANIZATION_MEMBER")

    applying.bring_up_to_date(acme, [mia.pk], actor=system("scim"))

    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()


@pytest.mark.parametrize("end", ["another provider", "deleted"])
def test_what_a_provider_said_ends_with_it(
    mia: User, olivia: User, connection: SsoConnection, science: Workspace, write: Write,
    come: Come, end: str,
) -> None:  # fmt: skip
    write("data", science, Role.WORKSPACE_AUTHOR)
    come(mia, "data")
    actor = factories.actor(olivia)

    if end == "deleted":
        sso_connections.delete_connection(connection, typed_name="Okta", actor=actor)
    else:
        moved = {"name": "Okta", "idp_entity_id": "urn:another", "sso_url": "https://idp.example/",
                 "certificates": [pair().certificate]}  # fmt: skip
        sso_connections.update_connection(connection, values=moved, actor=actor)

    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()
