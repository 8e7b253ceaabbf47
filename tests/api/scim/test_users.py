"""People by SCIM: they come, change and go."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organization, OrganizationRoleBinding, ProvisionedUser, User
from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db
JANE = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "Jane@example.com",
    "externalId": "e-1",
    "name": {"givenName": "Jane", "familyName": "Doe"},
    "emails": [{"value": "jane@example.com", "type": "work", "primary": True}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Data"},
}


def test_a_created_person_is_a_member_with_an_account(idp: Provider, acme: Organization) -> None:
    answer = idp.post("/Users", JANE)

    made = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == made["meta"]["location"]
    assert answer["Location"].endswith(f"/scim/v2/{acme.pk}/Users/{made['id']}")
    assert answer["ETag"] == made["meta"]["version"] == 'W/"1"'
    assert made["active"] is True
    assert made["userName"] == "Jane@example.com"
    user = User.objects.get(email="jane@example.com")
    assert user.full_name == "Jane Doe"
    assert not user.has_usable_password()
    assert OrganizationRoleBinding.objects.get(user=user).role == "ORGANIZATION_MEMBER"


def test_what_was_sent_is_read_again(idp: Provider) -> None:
    made = idp.post("/Users", JANE).json()
    read = idp.get(f"/Users/{made['id']}").json()

    assert read == made
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    assert read[enterprise] == {"department": "Data"}
    assert enterprise in read["schemas"]
    assert read["name"] == {"givenName": "Jane", "familyName": "Doe"}


def test_a_put_replaces_all_that_was_said(idp: Provider) -> None:
    made = idp.post("/Users", JANE).json()
    answer = idp.call("PUT", f"/Users/{made['id']}", {"userName": "jane@example.com"})

    assert answer.status_code == 200
    assert "name" not in answer.json()
    assert "externalId" not in answer.json()
    assert answer.json()["meta"]["version"] == 'W/"2"'


def test_a_user_name_is_once_in_any_letter_case(idp: Provider) -> None:
    idp.user("jane@example.com")
    answer = idp.post("/Users", {"userName": "JANE@example.com"})

    assert answer.status_code == 409
    assert answer.json()["scimType"] == "uniqueness"
    assert answer.json()["status"] == "409"
    assert ProvisionedUser.objects.count() == 1


def test_the_same_names_may_be_in_another_organization(
    idp: Provider, umbrella: Organization
) -> None:
    ProvisionedUser.objects.create(
        organization=umbrella,
        user_name="jane@example.com",
        user_name_key="jane@example.com",
        external_id="e-1",
    )
    assert idp.post("/Users", JANE).status_code == 201


def test_who_is_switched_off_is_no_member_and_still_listed(
    idp: Provider, acme: Organization
) -> None:
    made = idp.user("jane@example.com")
    answer = idp.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})

    assert answer.json()["active"] is False
    assert not OrganizationRoleBinding.objects.filter(user__email="jane@example.com").exists()
    assert idp.get("/Users", filter='userName eq "jane@example.com"').json()["totalResults"] == 1


def test_who_is_switched_on_again_is_back_in_the_teams(idp: Provider) -> None:
    made = idp.user("jane@example.com")
    idp.group("Analysts", made)
    user = User.objects.get(email="jane@example.com")
    for is_on in (False, True):
        idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": is_on}})
        assert OrganizationRoleBinding.objects.filter(user=user).exists() is is_on
        teams = idp.get(f"/Users/{made['id']}").json()["groups"]
        assert [each["display"] for each in teams] == ["Analysts"]
        assert user.pk in _team("Analysts") if is_on else user.pk not in _team("Analysts")


@pytest.mark.parametrize("is_on", [True, False])
def test_a_word_about_active_that_is_taken_back_changes_nothing(idp: Provider, is_on: bool) -> None:
    made = idp.user("jane@example.com", active=is_on)
    path = f"/Users/{made['id']}"
    assert "active" not in idp.patch(path, {"op": "remove", "path": "active"}).json()
    assert "active" not in idp.call("PUT", path, {"userName": "jane@example.com"}).json()
    members = OrganizationRoleBinding.objects.filter(user__email="jane@example.com")
    assert members.exists() is is_on
    assert idp.names(f"active eq {str(is_on).lower()}") == {"jane"}


def test_a_deleted_person_is_gone_and_may_come_again(idp: Provider) -> None:
    made = idp.user("jane@example.com")
    assert idp.call("DELETE", f"/Users/{made['id']}").status_code == 204
    assert idp.get(f"/Users/{made['id']}").status_code == 404
    assert not OrganizationRoleBinding.objects.filter(user__email="jane@example.com").exists()
    idp.user("jane@example.com")
    assert User.objects.filter(email="jane@example.com").count() == 1


def test_the_last_owner_cannot_be_switched_off(idp: Provider, olivia: User) -> None:
    made = idp.user("olivia@example.com")
    answer = idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})

    assert answer.status_code == 409
    assert "last Owner" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"userName": ""},
        {"userName": 7},
        {"userName": "x" * 255},
        {"userName": "a\x00b"},
        {"userName": "a\ud800b"},
        {"userName": "jane", "active": "perhaps"},
        {"userName": "jane", "name": "Jane"},
        {"userName": "jane", "emails": [{"value": 1}]},
        {"userName": "jane", "emails": [{"primary": True}, {"primary": "True"}]},
        {"userName": "jane", "externalId": "e" * 256},
    ],
)
def test_what_no_user_can_be_is_refused(idp: Provider, body: Any) -> None:
    answer = idp.post("/Users", body)
    assert answer.status_code == 400
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.json()["scimType"] in ("invalidValue", "invalidSyntax")
    assert answer.json()["detail"]


def _team(name: str) -> list[str]:
    from accounts.models import TeamMembership

    return list(TeamMembership.objects.filter(team__name=name).values_list("user_id", flat=True))


def test_a_creation_asks_the_database_little(idp: Provider) -> None:
    """Token, rights, domain, address, then four rows; the transaction and its end aside."""
    idp.user("first@example.com")
    with CaptureQueriesContext(connection) as captured:
        idp.user("second@example.com")
    asked = [each["sql"] for each in captured if "SAVEPOINT" not in each["sql"]]
    assert len(asked) == 8, asked
