"""What group rules promise: rights follow the groups, and what was given by hand stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.utils import timezone

from access.actor import system
from access.permissions import Permission
from access.roles import Role
from accounts.group_rules import applying
from accounts.models import (
    Organization,
    OrganizationRoleBinding,
    ProvisionedGroup,
    ProvisionedMembership,
    ProvisionedUser,
    SsoConnection,
    SsoIdentity,
    Team,
    TeamMembership,
    User,
)
from accounts.services import members, teams
from accounts.sso import rules
from accounts.sso.claims import Claims
from audit.models import AuditRecord
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from tests.accounts.sso.conftest import Come, Write
from web.errors import Conflict
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services import members as workspace_members

Counting = Callable[[int], AbstractContextManager[object]]


def test_a_group_gives_a_role_in_a_workspace_as_long_as_one_is_in_it(
    mia: User, science: Workspace, write: Write, come: Come
) -> None:
    write("data", science, Role.WORKSPACE_AUTHOR)

    assert come(mia, "data", "other") == ("Mia becomes Author in Workspace Data Science",)
    held = WorkspaceRoleBinding.objects.get(user=mia)
    assert (held.role, held.is_by_rule) == ("WORKSPACE_AUTHOR", True)
    assert factories.actor(mia).can(Permission.WORKSPACE_DEPLOYMENTS_GET, science)

    assert come(mia, "other") == ("Mia loses Author in Workspace Data Science",)
    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()


def test_each_change_stands_in_the_log(
    mia: User, science: Workspace, write: Write, come: Come
) -> None:
    write("data", science, Role.WORKSPACE_AUTHOR)
    come(mia, "data")
    come(mia)

    found = AuditRecord.objects.filter(action="accounts.follow_groups_into_role")
    gained, lost = found.order_by("pk")
    assert gained.actor_label == "mia@example.com"
    assert gained.after["role"] == "WORKSPACE_AUTHOR"
    assert gained.workspace_id == science.pk
    assert lost.before["role"] == "WORKSPACE_AUTHOR"
    assert lost.after == {}


def test_a_group_gives_a_role_on_a_deployment_and_in_the_organization(
    acme: Organization, mia: User, etl: Deployment, write: Write, come: Come
) -> None:
    OrganizationRoleBinding.objects.filter(user=mia).update(is_by_rule=True)
    write("ops", etl, Role.DEPLOYMENT_ADMIN)
    write("ops", acme, Role.ORGANIZATION_BILLING_ADMIN)

    come(mia, "ops")
    assert DeploymentRoleBinding.objects.get(user=mia).role == "DEPLOYMENT_ADMIN"
    assert OrganizationRoleBinding.objects.get(user=mia).role == "ORGANIZATION_BILLING_ADMIN"

    come(mia)
    assert not DeploymentRoleBinding.objects.filter(user=mia).exists()
    assert OrganizationRoleBinding.objects.get(user=mia).role == "ORGANIZATION_MEMBER"


def test_without_a_group_a_member_is_what_the_connection_makes_of_newcomers(
    acme: Organization, mia: User, connection: SsoConnection, write: Write, come: Come
) -> None:
    connection.default_role = Role.ORGANIZATION_BILLING_ADMIN
    connection.save()
    SsoIdentity.objects.create(
        connection=connection, subject="m", user=mia, last_seen_at=timezone.now()
    )
    OrganizationRoleBinding.objects.filter(user=mia).update(is_by_rule=True)
    write("boss", acme, Role.ORGANIZATION_OWNER)
    come(mia, "boss")
    come(mia)
    assert OrganizationRoleBinding.objects.get(user=mia).role == "ORGANIZATION_BILLING_ADMIN"


def test_a_group_puts_into_a_team_and_takes_out_of_it(
    mia: User, crew: Team, write: Write, come: Come
) -> None:
    write("crew", crew)
    assert come(mia, "crew") == ("Mia becomes member in Team Crew",)
    assert TeamMembership.objects.get(team=crew, user=mia).is_by_rule
    assert come(mia) == ("Mia loses member in Team Crew",)
    assert not TeamMembership.objects.filter(team=crew, user=mia).exists()


def test_what_was_given_by_hand_is_never_touched(
    wanda: User, science: Workspace, crew: Team, write: Write, come: Come
) -> None:
    """Wanda is in the Crew and Author in Data Science, by hand."""
    write("data", science, Role.WORKSPACE_OWNER)
    write("data", crew)

    assert come(wanda, "data") == ()
    assert come(wanda) == ()

    held = WorkspaceRoleBinding.objects.get(user=wanda)
    assert (held.role, held.is_by_rule) == ("WORKSPACE_AUTHOR", False)
    assert not TeamMembership.objects.get(team=crew, user=wanda).is_by_rule


def test_a_role_that_somebody_changes_by_hand_is_theirs_from_then_on(
    mia: User, olivia: User, science: Workspace, write: Write, come: Come
) -> None:
    write("data", science, Role.WORKSPACE_AUTHOR)
    come(mia, "data")
    held = WorkspaceRoleBinding.objects.get(user=mia)
    workspace_members.change_member_role(
        held, role=Role.WORKSPACE_MEMBER, actor=factories.actor(olivia)
    )
    come(mia)
    assert WorkspaceRoleBinding.objects.get(user=mia).role == "WORKSPACE_MEMBER"


def test_nobody_takes_out_of_a_team_by_hand_whom_a_rule_would_put_back(
    mia: User, olivia: User, crew: Team, write: Write, come: Come
) -> None:
    write("crew", crew)
    come(mia, "crew")
    member = TeamMembership.objects.get(team=crew, user=mia)
    with pytest.raises(Conflict, match="group rule"):
        teams.remove_team_member(member, actor=factories.actor(olivia))
    teams.add_team_member(crew, email=mia.email, actor=factories.actor(olivia))
    come(mia)
    assert TeamMembership.objects.filter(team=crew, user=mia).exists()


def test_of_several_groups_the_strongest_role_counts(
    mia: User, science: Workspace, write: Write, come: Come
) -> None:
    write("a", science, Role.WORKSPACE_MEMBER)
    write("b", science, Role.WORKSPACE_OPERATOR)
    write("c", science, Role.WORKSPACE_AUTHOR)
    come(mia, "a", "b", "c")
    assert WorkspaceRoleBinding.objects.get(user=mia).role == "WORKSPACE_OPERATOR"
    come(mia, "a", "c")
    assert WorkspaceRoleBinding.objects.get(user=mia).role == "WORKSPACE_AUTHOR"


def test_a_groups_name_counts_letter_for_letter(
    mia: User, science: Workspace, write: Write, come: Come
) -> None:
    write("Data", science, Role.WORKSPACE_AUTHOR)
    assert come(mia, "data", "Data ", "/Data") == ()


def test_who_is_no_member_gets_nothing(
    oscar: User, science: Workspace, write: Write, come: Come
) -> None:
    write("data", science, Role.WORKSPACE_AUTHOR)
    assert come(oscar, "data") == ()
    assert not WorkspaceRoleBinding.objects.filter(user=oscar, workspace=science).exists()


def test_groups_of_another_organizations_provider_give_nothing(
    mia: User, umbrella: Organization, science: Workspace, write: Write
) -> None:
    """Mia is in both, and Umbrella's provider names the group that Acme's rule is of."""
    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=mia, role="ORGANIZATION_MEMBER"
    )
    foreign = SsoConnection.objects.create(organization=umbrella, kind="OIDC", name="Theirs")
    write("data", science, Role.WORKSPACE_AUTHOR)
    said = Claims(subject="mia", email=mia.email, groups=("data",))
    assert rules.apply(foreign, mia, said, actor=factories.actor(mia)) == ()
    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()


def test_members_of_a_scim_group_follow_its_rules(
    acme: Organization, mia: User, science: Workspace, write: Write
) -> None:
    Organization.objects.filter(pk=acme.pk).update(is_scim_on=True)
    pushed = Team.objects.create(organization=acme, name="data", is_idp_managed=True)
    group = ProvisionedGroup.objects.create(organization=acme, team=pushed)
    said = ProvisionedUser.objects.create(
        organization=acme, user=mia, user_name="mia", user_name_key="mia", email=mia.email
    )
    ProvisionedMembership.objects.create(group=group, member=said)
    write("data", science, Role.WORKSPACE_AUTHOR)
    assert WorkspaceRoleBinding.objects.get(user=mia).role == "WORKSPACE_AUTHOR"

    ProvisionedMembership.objects.all().delete()
    applying.bring_up_to_date(acme, [mia.pk], actor=system("scim"))
    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()


def test_who_was_put_into_a_provisioned_team_by_hand_gets_nothing_by_its_rules(
    acme: Organization, mia: User, science: Workspace, write: Write
) -> None:
    """As can be done while SCIM is off, by whoever may fill Teams."""
    Organization.objects.filter(pk=acme.pk).update(is_scim_on=True)
    pushed = Team.objects.create(organization=acme, name="data", is_idp_managed=True)
    ProvisionedGroup.objects.create(organization=acme, team=pushed)
    TeamMembership.objects.create(team=pushed, user=mia)

    write("data", science, Role.WORKSPACE_AUTHOR)

    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()


def test_an_owner_by_rule_is_not_the_last_one(
    acme: Organization, mia: User, olivia: User, write: Write, come: Come
) -> None:
    OrganizationRoleBinding.objects.filter(user=mia).update(is_by_rule=True)
    write("boss", acme, Role.ORGANIZATION_OWNER)
    come(mia, "boss")
    with pytest.raises(Conflict, match="last Owner"):
        members.leave(
            OrganizationRoleBinding.objects.get(user=olivia), actor=factories.actor(olivia)
        )


def test_without_rules_a_sign_in_asks_one_question_more(
    mia: User, acme: Organization, django_assert_num_queries: Counting
) -> None:
    with django_assert_num_queries(3):  # a savepoint around it
        applying.bring_up_to_date(acme, [mia.pk], actor=system("scim"))


def test_many_people_ask_as_many_questions_as_few(
    acme: Organization, science: Workspace, connection: SsoConnection, write: Write,
    django_assert_max_num_queries: Counting,
) -> None:  # fmt: skip
    write("data", science, Role.WORKSPACE_AUTHOR)
    people = [factories.member(f"p{number}", acme) for number in range(20)]
    with django_assert_max_num_queries(16):
        applying.bring_up_to_date(acme, [each.pk for each in people], actor=system("scim"))
