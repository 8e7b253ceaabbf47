"""Who may write which group rule, and what is said beforehand that it would do."""

from __future__ import annotations

import pytest

from access.policy import ExceedsOwnRights, PermissionDenied
from access.roles import Role
from accounts.group_rules import heard
from accounts.models import (
    CustomRole,
    GroupRule,
    Organization,
    OrganizationRoleBinding,
    SsoConnection,
    Team,
    User,
)
from accounts.services import group_rules as services
from accounts.services.group_rules import Wish
from accounts.sso import rules
from accounts.sso.claims import Claims
from audit.models import AuditRecord
from deployments.models import Deployment
from tests import factories
from tests.accounts.sso.conftest import Come, Write
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace, WorkspaceRoleBinding


def test_a_preview_names_who_gains_and_loses_and_changes_nothing(
    acme: Organization, mia: User, wanda: User, olivia: User, science: Workspace,
    write: Write, come: Come,
) -> None:  # fmt: skip
    made = write("data", science, Role.WORKSPACE_AUTHOR)
    come(mia, "data")
    come(wanda, "ops")
    wish = Wish("ops", science, Role.WORKSPACE_OPERATOR)

    found = services.preview(acme, wish=wish, instead_of=made, actor=factories.actor(olivia))

    assert sorted(map(str, found)) == [
        "Mia loses Author in Workspace Data Science",
        "Wanda keeps Author in Workspace Data Science, given by hand",
    ]
    assert WorkspaceRoleBinding.objects.get(user=mia).role == "WORKSPACE_AUTHOR"
    assert GroupRule.objects.get().group == "data"


def test_nobody_writes_a_rule_above_their_own_rights(
    acme: Organization, bill: User, science: Workspace, crew: Team
) -> None:
    """Bill may set sign-in up, by a role of the Organization's own, and no more."""
    role = CustomRole.objects.create(
        organization=acme, name="SSO", scope_type="ORGANIZATION",
        permissions=["organization.ssoConnections.update"],
    )  # fmt: skip
    held = OrganizationRoleBinding.objects.get(user=bill)
    held.role, held.custom_role = "", role
    held.save()
    for wish in (
        Wish("x", acme, Role.ORGANIZATION_OWNER),
        Wish("x", science, Role.WORKSPACE_MEMBER),
        Wish("x", crew),
    ):
        with pytest.raises(ExceedsOwnRights):
            services.create_group_rule(acme, wish=wish, actor=factories.actor(bill))
        with pytest.raises(ExceedsOwnRights):
            services.preview(acme, wish=wish, instead_of=None, actor=factories.actor(bill))
    assert not GroupRule.objects.exists()


def test_only_who_may_set_sign_in_up_writes_rules(
    acme: Organization, oliver: User, science: Workspace
) -> None:
    with pytest.raises(PermissionDenied):
        services.create_group_rule(
            acme, wish=Wish("x", science, Role.WORKSPACE_MEMBER), actor=factories.actor(oliver)
        )
    assert AuditRecord.objects.get(outcome="REFUSED").action == "accounts.create_group_rule"


def test_nothing_of_another_organization_can_be_given(
    lab: Workspace, umbrella: Organization, secret_lab: Deployment, write: Write
) -> None:
    foreign = factories.team(umbrella, name="Theirs")
    for place, role in (
        (lab, Role.WORKSPACE_MEMBER), (secret_lab, Role.DEPLOYMENT_ACCESSOR),
        (umbrella, Role.ORGANIZATION_MEMBER), (foreign, None),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match="another Organization"):
            write("x", place, role)


def test_the_same_rule_is_there_once(science: Workspace, crew: Team, write: Write) -> None:
    for place, role in ((science, Role.WORKSPACE_MEMBER), (crew, None)):
        write("data", place, role)
        with pytest.raises(Conflict, match="already"):
            write("data", place, role)


def test_a_team_that_scim_fills_is_filled_by_nobody_else(acme: Organization, write: Write) -> None:
    pushed = Team.objects.create(organization=acme, name="pushed", is_idp_managed=True)
    with pytest.raises(InvalidInput, match="SCIM"):
        write("data", pushed)


def test_a_test_sign_in_says_what_the_groups_would_give(
    mia: User, connection: SsoConnection, science: Workspace, write: Write
) -> None:
    write("data", science, Role.WORKSPACE_AUTHOR)
    said = Claims(subject="m", email=mia.email, groups=("data",))
    assert rules.preview(connection, mia, said) == ("Mia becomes Author in Workspace Data Science",)
    nina = Claims(subject="n", email="nina@example.com", name="Nina", groups=("data",))
    assert rules.preview(connection, None, nina) == (
        "Nina becomes Author in Workspace Data Science",
    )
    assert heard.names(connection.organization) == []
