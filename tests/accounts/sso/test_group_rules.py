"""What group rules promise: rights follow the groups, and what was given by hand stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.actor import system
from access.permissions import Permission
from access.policy import ExceedsOwnRights, PermissionDenied
from access.roles import Role
from accounts import tasks
from accounts.group_rules import applying, heard
from accounts.models import (
    CustomRole,
    GroupRule,
    HeardGroups,
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
from accounts.services import custom_roles, members, sso_connections, teams
from accounts.services import group_rules as services
from accounts.services.group_rules import Wish
from accounts.sso import rules
from accounts.sso.claims import Claims
from audit.models import AuditRecord
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from tests.accounts.sso.saml.provider import pair
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services import members as workspace_members

Come = Callable[..., tuple[str, ...]]
Counting = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def connection(acme: Organization) -> SsoConnection:
    return SsoConnection.objects.create(organization=acme, kind="SAML", name="Okta")


@pytest.fixture
def come(connection: SsoConnection) -> Come:
    """A person signs in, and the provider names these groups."""

    def sign_in(user: User, *groups: str) -> tuple[str, ...]:
        said = Claims(subject=user.pk, email=user.email, groups=groups)
        return rules.apply(connection, user, said, actor=factories.actor(user))

    return sign_in


@pytest.fixture
def write(acme: Organization, olivia: User) -> Callable[..., GroupRule]:
    """Olivia writes a rule."""

    def make(group: str, place: object, role: Role | None = None) -> GroupRule:
        wish = Wish(group, place, role)
        return services.create_group_rule(acme, wish=wish, actor=factories.actor(olivia))

    return make


Write = Callable[..., GroupRule]


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


def test_what_was_deleted_gives_nothing(
    mia: User, science: Workspace, write: Write, come: Come
) -> None:
    made = write("data", science, Role.WORKSPACE_AUTHOR)
    science.delete()
    assert come(mia, "data") == ()
    assert services.place_of(made, system("test")) == (None, False)


def test_a_place_that_a_reader_may_not_know_of_has_no_name(
    client: Client, acme: Organization, olivia: User, science: Workspace
) -> None:
    factories.role_rule(science, "data", Role.WORKSPACE_AUTHOR)
    clerk = factories.narrow("clerk", acme, "organization.ssoConnections.update")
    address = reverse("accounts:group_rules", args=[acme.pk])

    client.force_login(olivia)
    assert "Data Science" in client.get(address).content.decode()
    client.force_login(clerk)
    narrow = client.get(address).content.decode()
    assert "Data Science" not in narrow
    assert "a Workspace that you may not see" in narrow


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


# The pages


def test_a_rule_is_previewed_saved_changed_and_removed(
    client: Client, acme: Organization, olivia: User, mia: User, science: Workspace, come: Come
) -> None:
    come(mia, "data")
    client.force_login(olivia)
    new = reverse("accounts:group_rule_new", args=[acme.pk])
    fields = {"group": "data", "place": f"workspace:{science.pk}", "role": "WORKSPACE_AUTHOR"}

    looked = client.post(new, fields | {"look": "1"}).content.decode()
    assert "Mia becomes Author in Workspace Data Science" in looked
    assert "Nothing was saved yet" in looked
    assert not GroupRule.objects.exists()

    asked = client.post(new, fields)
    assert asked.status_code == 422
    tried = f"data|workspace:{science.pk}|WORKSPACE_AUTHOR"
    assert f'value="{tried}"' in asked.content.decode()

    saved = client.post(new, fields | {"tried": tried}, follow=True).content.decode()
    made = GroupRule.objects.get()
    assert "The rule counts from now on." in saved
    assert WorkspaceRoleBinding.objects.get(user=mia).is_by_rule

    page = reverse("accounts:group_rule", args=[acme.pk, made.pk])
    looked = client.post(page, {"look_at_removal": "1"}).content.decode()
    assert "Mia loses Author in Workspace Data Science" in looked
    client.post(page, {"remove": "1"})
    assert not GroupRule.objects.exists()
    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()


def test_a_stale_form_is_refused_and_keeps_what_was_typed(
    client: Client, acme: Organization, olivia: User, science: Workspace, write: Write
) -> None:
    made = write("data", science, Role.WORKSPACE_AUTHOR)
    old = made.version
    wish = Wish("ops", science, Role.WORKSPACE_AUTHOR)
    services.change_group_rule(made, wish=wish, actor=factories.actor(olivia))
    client.force_login(olivia)
    page = reverse("accounts:group_rule", args=[acme.pk, made.pk])
    typed = {
        "group": "typed", "place": f"workspace:{science.pk}", "role": "WORKSPACE_MEMBER",
        "seen": old, "tried": f"typed|workspace:{science.pk}|WORKSPACE_MEMBER",
    }  # fmt: skip

    answer = client.post(page, typed)

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed this rule meanwhile. By now it reads: ops" in shown
    assert 'value="typed"' in shown
    made.refresh_from_db()
    assert made.group == "ops"
    client.post(page, typed | {"seen": made.version})
    made.refresh_from_db()
    assert made.group == "typed"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"group": ""}, "This field is required"),
        ({"place": "workspace:none"}, "Select a valid choice"),
        ({"role": ""}, "Choose a role"),
        ({"role": "DEPLOYMENT_ADMIN"}, "Choose one of the list"),
    ],
)
def test_a_bad_field_is_named(
    client: Client, acme: Organization, olivia: User, science: Workspace,
    fields: dict[str, str], words: str,
) -> None:  # fmt: skip
    client.force_login(olivia)
    good = {"group": "data", "place": f"workspace:{science.pk}", "role": "WORKSPACE_AUTHOR"}
    answer = client.post(reverse("accounts:group_rule_new", args=[acme.pk]), good | fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_rule_whose_place_is_gone_says_so(
    client: Client, acme: Organization, olivia: User, science: Workspace, write: Write
) -> None:
    write("data", science, Role.WORKSPACE_AUTHOR)
    science.delete()
    client.force_login(olivia)
    shown = client.get(reverse("accounts:group_rules", args=[acme.pk])).content.decode()
    assert "deleted" in shown
    assert "the rule gives nothing" in shown
