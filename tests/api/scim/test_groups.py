"""Groups are Teams that the identity provider fills, and people do not."""

from __future__ import annotations

import pytest
from django.test import Client

from access.roles import Role
from accounts.models import Organization, OrganizationRoleBinding, Team, TeamMembership, User
from accounts.services import teams
from audit.models import AuditRecord
from tests import factories
from tests.api.scim.conftest import Provider
from web.errors import Conflict

pytestmark = pytest.mark.django_db


def _people(name: str) -> set[str]:
    rows = TeamMembership.objects.filter(team__name=name)
    return {each.partition("@")[0] for each in rows.values_list("user__email", flat=True)}


def test_a_group_is_a_team_of_the_provider(idp: Provider, acme: Organization) -> None:
    jane = idp.user("jane@example.com")
    made = idp.group("Analysts", jane)
    team = Team.objects.get(pk=made["id"])

    assert (team.name, team.is_idp_managed, team.organization) == ("Analysts", True, acme)
    assert _people("Analysts") == {"jane"}
    entry = idp.get(f"/Groups/{made['id']}").json()["members"][0]
    assert entry["$ref"].endswith(f"/Users/{jane['id']}")
    assert entry["type"] == "User"
    groups = idp.get(f"/Users/{jane['id']}").json()["groups"]
    assert groups[0]["value"] == made["id"]


def test_members_come_go_and_are_replaced(idp: Provider) -> None:
    jane, max_, eve = (idp.user(f"{name}@example.com") for name in ("jane", "max", "eve"))
    path = f"/Groups/{idp.group('Analysts', jane)['id']}"

    idp.patch(path, {"op": "add", "path": "members", "value": [{"value": max_["id"]}]})
    assert _people("Analysts") == {"jane", "max"}
    idp.patch(path, {"op": "add", "value": {"members": [{"value": eve["id"]}]}})
    assert _people("Analysts") == {"jane", "max", "eve"}
    idp.patch(path, {"op": "replace", "path": "members", "value": [{"value": eve["id"]}]})
    assert _people("Analysts") == {"eve"}
    idp.call("PUT", path, {"displayName": "Analysts", "members": [{"value": jane["id"]}]})
    assert _people("Analysts") == {"jane"}
    idp.patch(path, {"op": "remove", "path": "members"})
    assert _people("Analysts") == set()


def test_who_enters_and_leaves_stands_in_the_audit_log(idp: Provider) -> None:
    jane = idp.user("jane@example.com")
    group = idp.group("Analysts", jane)
    idp.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"})
    for action in ("enter", "leave"):
        row = AuditRecord.objects.get(action=f"accounts.{action}_provisioned_group")
        assert row.after == {"people": ["jane@example.com"]}
        assert row.target_id == group["id"]


def test_a_team_that_is_deleted_takes_its_roles_along(idp: Provider, acme: Organization) -> None:
    jane = idp.user("jane@example.com")
    group = idp.group("Analysts", jane)
    OrganizationRoleBinding.objects.create(
        organization=acme, team_id=group["id"], role=Role.ORGANIZATION_BILLING_ADMIN
    )
    assert idp.call("DELETE", f"/Groups/{group['id']}").status_code == 204
    assert not Team.objects.exists()
    assert AuditRecord.objects.filter(action="accounts.end_grant").exists()
    assert "groups" not in idp.get(f"/Users/{jane['id']}").json()


def test_a_name_of_a_team_is_taken(idp: Provider, crew: Team) -> None:
    answer = idp.post("/Groups", {"displayName": "CREW"})
    assert answer.status_code == 409
    assert answer.json()["scimType"] == "uniqueness"


def test_only_users_of_the_organization_can_be_members(
    idp: Provider, umbrella: Organization
) -> None:
    inner = idp.group("Inner")
    for member in ("nobody", inner["id"]):
        answer = idp.post("/Groups", {"displayName": "Outer", "members": [{"value": member}]})
        assert answer.status_code == 400
        assert answer.json()["scimType"] == "invalidValue"
        assert member in answer.json()["detail"]
    assert not Team.objects.filter(name="Outer").exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"displayName": ""}, {"displayName": "x" * 101}, {"displayName": ["a"]},
     {"displayName": "a", "members": [7]}, {"displayName": "a\x00"}],
)  # fmt: skip
def test_what_no_group_can_be_is_refused(idp: Provider, body: dict[str, object]) -> None:
    answer = idp.post("/Groups", body)
    assert answer.status_code == 400
    assert answer.json()["scimType"] == "invalidValue"


def test_while_scim_is_on_nobody_fills_teams_by_hand(
    idp: Provider, acme: Organization, olivia: User, mia: User, crew: Team
) -> None:
    jane = idp.user("jane@example.com")
    own = Team.objects.get(pk=idp.group("Analysts", jane)["id"])
    acme.refresh_from_db()
    crew.refresh_from_db()
    by = factories.actor(olivia)
    member = TeamMembership.objects.get(team=own)

    for gesture in (
        lambda: teams.create_team(acme, name="New", actor=by),
        lambda: teams.add_team_member(own, email=mia.email, actor=by),
        lambda: teams.add_team_member(crew, email=mia.email, actor=by),
        lambda: teams.remove_team_member(member, actor=by),
        lambda: teams.update_team(own, name="Mine", description="", actor=by),
        lambda: teams.delete_team(own, typed_name="Analysts", actor=by),
    ):
        with pytest.raises(Conflict):
            gesture()
    teams.give_team_role(own, role=Role.ORGANIZATION_BILLING_ADMIN, actor=by)
    teams.remove_team_member(TeamMembership.objects.get(team=crew), actor=by)
    teams.delete_team(crew, typed_name="Crew", actor=by)


def test_the_page_of_its_team_says_who_keeps_it(
    idp: Provider, acme: Organization, olivia: User
) -> None:
    group = idp.group("Analysts")
    client = Client()
    client.force_login(olivia)
    page = client.get(f"/organizations/{acme.pk}/teams/{group['id']}/").content.decode()
    assert "identity provider" in page


def test_a_group_within_a_group_is_said_to_be_one(idp: Provider) -> None:
    inner, outer = idp.group("Inner"), idp.group("Outer")

    answer = idp.patch(
        f"/Groups/{outer['id']}",
        {"op": "add", "path": "members", "value": [{"value": inner["id"]}]},
    )

    assert answer.json()["detail"].startswith(f"{inner['id']} is a group")
