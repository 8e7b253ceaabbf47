"""What Teams promise: people who share roles, and nobody who climbs by them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import scopes
from access.permissions import Permission
from access.policy import ExceedsOwnRights, PermissionDenied
from access.roles import Role
from access.scopes import Principal
from accounts.models import (
    CustomRole,
    Organization,
    OrganizationRoleBinding,
    Team,
    TeamMembership,
    User,
)
from accounts.services import members, teams
from audit.models import AuditRecord
from deployments.models import Deployment, DeploymentRoleBinding
from deployments.services import access
from tests import factories
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services import teams as workspace_teams


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Principal]:
    found: list[Principal] = []
    monkeypatch.setattr(scopes, "_listeners", [found.append])
    return found


def test_a_team_is_made_with_a_role_and_people(
    client: Client, olivia: User, mia: User, wanda: User, acme: Organization
) -> None:
    client.force_login(olivia)

    answer = client.post(
        reverse("accounts:team_create", args=[acme.pk]),
        {
            "name": "Finance",
            "description": "Who pays",
            "role": "ORGANIZATION_BILLING_ADMIN",
            "emails": "MIA@example.com,\nwanda@example.com",
        },
        follow=True,
    )

    made = Team.objects.get()
    assert {each.user for each in made.memberships.all()} == {mia, wanda}
    assert factories.actor(mia).can(Permission.ORGANIZATION_BILLING_UPDATE, acme)
    assert "Billing Admin" in answer.content.decode()
    assert AuditRecord.objects.filter(action="accounts.create_team").exists()


def test_a_stranger_s_address_is_named_and_the_rest_stays_typed(
    client: Client, olivia: User, mia: User, oscar: User, acme: Organization
) -> None:
    client.force_login(olivia)

    answer = client.post(
        reverse("accounts:team_create", args=[acme.pk]),
        {
            "name": "Finance",
            "role": "ORGANIZATION_MEMBER",
            "emails": "mia@example.com oscar@example.com",
        },
    )

    words = answer.content.decode()
    assert answer.status_code == 422
    assert "Not in Acme: oscar@example.com" in words
    assert "mia@example.com oscar@example.com" in words
    assert not Team.objects.exists()


def test_a_name_is_given_once_in_any_letter_case(
    olivia: User, acme: Organization, umbrella: Organization, crew: Team
) -> None:
    factories.team(umbrella, name="Finance")
    teams.create_team(acme, name="Finance", actor=factories.actor(olivia))

    with pytest.raises(Conflict):
        teams.create_team(acme, name="CREW", actor=factories.actor(olivia))


def test_roles_of_a_team_reach_who_joins_and_leave_who_leaves(
    olivia: User, mia: User, crew: Team, etl: Deployment
) -> None:
    actor = factories.actor(olivia)
    teams.add_team_members(crew, emails=["mia@example.com"], actor=actor)
    assert factories.actor(mia).can(Permission.DEPLOYMENT_DEPLOYS_CREATE, etl)

    teams.remove_team_member(TeamMembership.objects.get(user=mia), actor=actor)
    assert not factories.actor(mia).can(Permission.DEPLOYMENT_GET, etl)


def test_added_twice_is_added_once(olivia: User, mia: User, crew: Team) -> None:
    for _ in range(2):
        teams.add_team_member(crew, email=mia.email, actor=factories.actor(olivia))

    assert crew.memberships.filter(user=mia).count() == 1


def test_nobody_climbs_by_entering_a_team(mia: User, acme: Organization, crew: Team) -> None:
    steward = CustomRole.objects.create(
        organization=acme,
        scope_type="ORGANIZATION",
        name="Steward",
        permissions=["organization.teams.update", "organization.teams.get"],
    )
    OrganizationRoleBinding.objects.filter(user=mia).update(role="", custom_role=steward)

    with pytest.raises(ExceedsOwnRights):
        teams.add_team_member(crew, email=mia.email, actor=factories.actor(mia))


def test_a_member_makes_no_teams(mia: User, acme: Organization) -> None:
    with pytest.raises(PermissionDenied):
        teams.create_team(acme, name="Mine", actor=factories.actor(mia))


def test_what_the_identity_provider_fills_nobody_changes_by_hand(
    client: Client, olivia: User, mia: User, acme: Organization, crew: Team
) -> None:
    Team.objects.filter(pk=crew.pk).update(is_idp_managed=True)
    crew.refresh_from_db()

    with pytest.raises(Conflict):
        teams.add_team_member(crew, email=mia.email, actor=factories.actor(olivia))
    with pytest.raises(Conflict):
        teams.remove_team_member(crew.memberships.get(), actor=factories.actor(olivia))
    client.force_login(olivia)
    words = client.get(reverse("accounts:team", args=[acme.pk, crew.pk])).content.decode()
    assert "The identity provider says who is in this Team." in words


def test_deleting_takes_every_role_it_gave_and_asks_for_the_name(
    olivia: User, wanda: User, crew: Team, etl: Deployment, science: Workspace
) -> None:
    WorkspaceRoleBinding.objects.filter(user=wanda).delete()
    assert factories.actor(wanda).can(Permission.DEPLOYMENT_GET, etl)

    with pytest.raises(InvalidInput):
        teams.delete_team(crew, typed_name="crew", actor=factories.actor(olivia))
    teams.delete_team(crew, typed_name="Crew", actor=factories.actor(olivia))

    assert not factories.actor(wanda).can(Permission.DEPLOYMENT_GET, etl)
    assert not WorkspaceRoleBinding.objects.filter(workspace=science, team__isnull=False).exists()


def test_leaving_the_organization_leaves_its_teams(olivia: User, wanda: User, crew: Team) -> None:
    members.remove_member(
        OrganizationRoleBinding.objects.get(user=wanda), actor=factories.actor(olivia)
    )

    assert not TeamMembership.objects.filter(user=wanda).exists()


def test_an_owner_by_a_team_does_not_count_as_the_last(
    olivia: User, mia: User, acme: Organization
) -> None:
    owners = factories.team(acme, mia)
    OrganizationRoleBinding.objects.create(
        organization=acme, team=owners, role=Role.ORGANIZATION_OWNER
    )

    with pytest.raises(Conflict):
        members.leave(
            OrganizationRoleBinding.objects.get(user=olivia), actor=factories.actor(olivia)
        )


def test_everybody_in_it_hears_of_a_change(
    olivia: User,
    mia: User,
    wanda: User,
    acme: Organization,
    science: Workspace,
    heard: list[Principal],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    factories.team(acme, mia, wanda, name="Both")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        workspace_teams.add_team(
            science, name="both", role=Role.WORKSPACE_MEMBER, actor=factories.actor(olivia)
        )

    assert {each.id for each in heard} == {mia.pk, wanda.pk}


def test_a_large_team_hears_by_one_word(
    olivia: User,
    acme: Organization,
    science: Workspace,
    heard: list[Principal],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    people = User.objects.bulk_create(User(email=f"{n}@example.com") for n in range(60))
    factories.team(acme, *people, name="Many")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        workspace_teams.add_team(
            science, name="Many", role=Role.WORKSPACE_MEMBER, actor=factories.actor(olivia)
        )

    assert [each.id for each in heard] == ["*"]


def test_a_stale_name_is_a_conflict_that_shows_both(
    client: Client, olivia: User, acme: Organization, crew: Team
) -> None:
    client.force_login(olivia)
    old = crew.version
    teams.update_team(crew, name="Sailors", description="", actor=factories.actor(olivia))

    answer = client.post(
        reverse("accounts:team_edit", args=[acme.pk, crew.pk]), {"name": "Pirates", "seen": old}
    )

    words = answer.content.decode()
    assert answer.status_code == 422
    assert "Sailors" in words
    assert "Pirates" in words


def test_a_reader_sees_only_the_roles_on_what_they_may_see(
    client: Client, mia: User, wanda: User, acme: Organization, crew: Team
) -> None:
    address = reverse("accounts:team", args=[acme.pk, crew.pk])

    client.force_login(wanda)
    assert "Data Science" in client.get(address).content.decode()
    client.force_login(mia)
    assert "Data Science" not in client.get(address).content.decode()


def test_a_team_of_another_organization_is_given_nothing(
    olivia: User, umbrella: Organization, science: Workspace, etl: Deployment
) -> None:
    factories.team(umbrella, name="Spies")
    actor = factories.actor(olivia)

    with pytest.raises(InvalidInput):
        workspace_teams.add_team(science, name="Spies", role=Role.WORKSPACE_MEMBER, actor=actor)
    with pytest.raises(InvalidInput):
        access.give_team(etl, name="Spies", role=Role.DEPLOYMENT_ACCESSOR, actor=actor)


def test_a_person_gets_a_role_on_one_deployment_and_sees_where_it_lies(
    client: Client, olivia: User, mia: User, science: Workspace, etl: Deployment
) -> None:
    client.force_login(olivia)
    give = {"email": "mia@example.com", "role": "DEPLOYMENT_ADMIN"}
    address = reverse("deployments:people_give", args=[etl.pk])

    first, second = client.post(address, give), client.post(address, give)

    assert (first.status_code, second.status_code) == (302, 422)
    assert "Has a role here already" in second.content.decode()
    assert factories.actor(mia).can(Permission.DEPLOYMENT_UPDATE, etl)
    assert factories.actor(mia).can(Permission.WORKSPACE_GET_BASIC, science)
    page = client.get(reverse("deployments:access", args=[etl.pk])).content.decode()
    assert reverse("deployments:people_grant", args=[etl.pk, mia.pk]) in page


def test_a_deployment_admin_changes_and_takes_away(
    client: Client, mia: User, wanda: User, etl: Deployment
) -> None:
    for user, role in ((mia, Role.DEPLOYMENT_ADMIN), (wanda, Role.DEPLOYMENT_ACCESSOR)):
        DeploymentRoleBinding.objects.create(deployment=etl, user=user, role=role)
    client.force_login(mia)
    address = reverse("deployments:people_grant", args=[etl.pk, wanda.pk])

    assert client.post(address, {"role": "DEPLOYMENT_ADMIN"}).status_code == 302
    assert DeploymentRoleBinding.objects.get(user=wanda).role == "DEPLOYMENT_ADMIN"
    assert client.post(f"{address}remove/").status_code == 302
    assert not DeploymentRoleBinding.objects.filter(user=wanda).exists()


def test_the_lists_cost_the_same_queries_for_2_rows_and_60(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    client.force_login(olivia)
    addresses = [
        reverse("accounts:teams", args=[acme.pk]),
        reverse("workspaces:teams", args=[science.pk]),
    ]

    def add(numbers: range) -> None:
        for _ in numbers:
            made = factories.team(acme)
            for table, place in (
                (OrganizationRoleBinding, {"organization": acme, "role": "ORGANIZATION_MEMBER"}),
                (WorkspaceRoleBinding, {"workspace": science, "role": "WORKSPACE_MEMBER"}),
            ):
                table._default_manager.create(team=made, **place)

    def cost() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            found.append(len(asked))
        return found

    add(range(2))
    cost()
    few = cost()
    add(range(2, 60))
    assert cost() == few
