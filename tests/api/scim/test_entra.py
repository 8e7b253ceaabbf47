"""What Entra ID sends and expects, one test for each of its ways."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def jane(idp: Provider) -> dict[str, Any]:
    return idp.user("jane@example.com", externalId="a-1")


def test_it_speaks_scim_json(idp: Provider) -> None:
    answer = idp.post("/Users", {"userName": "x@example.com"}, content_type="application/scim+json")
    assert answer.status_code == 201
    assert answer["Content-Type"] == "application/scim+json"


def test_it_expects_a_list_response_of_schemas_and_resource_types(idp: Provider) -> None:
    for path in ("/Schemas", "/ResourceTypes"):
        found = idp.get(path).json()
        assert found["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
        assert isinstance(found["totalResults"], int)


def test_it_expects_disabled_users_to_be_returned(idp: Provider, jane: dict[str, Any]) -> None:
    idp.patch(f"/Users/{jane['id']}", {"op": "Replace", "path": "active", "value": "False"})

    assert idp.get(f"/Users/{jane['id']}").json()["active"] is False
    listed = idp.get("/Users", filter='userName eq "jane@example.com"').json()
    assert listed["Resources"][0]["active"] is False


def test_it_leaves_members_out(idp: Provider, jane: dict[str, Any]) -> None:
    group = idp.group("Analysts", jane)
    one = idp.get(f"/Groups/{group['id']}", excludedAttributes="members").json()
    assert one["displayName"] == "Analysts"
    assert "members" not in one
    query = {"excludedAttributes": "members", "filter": 'displayName eq "Analysts"'}
    assert "members" not in idp.get("/Groups", **query).json()["Resources"][0]


def test_its_operations_are_capitalised(idp: Provider, jane: dict[str, Any]) -> None:
    path = f"/Users/{jane['id']}"
    assert idp.patch(path, {"op": "Add", "path": "title", "value": "A"}).json()["title"] == "A"
    assert idp.patch(path, {"op": "Replace", "path": "title", "value": "B"}).json()["title"] == "B"
    assert "title" not in idp.patch(path, {"op": "Remove", "path": "title"}).json()


@pytest.mark.parametrize(("word", "meant"), [("False", False), ("True", True), ("false", False)])
def test_its_booleans_are_texts(
    idp: Provider, jane: dict[str, Any], word: str, meant: bool
) -> None:
    answer = idp.patch(f"/Users/{jane['id']}", {"op": "Replace", "path": "active", "value": word})
    assert answer.json()["active"] is meant


def test_it_replaces_without_a_path(idp: Provider, jane: dict[str, Any]) -> None:
    value = {"displayName": "Jane Doe", "active": "True", "title": "Lead"}
    answer = idp.patch(f"/Users/{jane['id']}", {"op": "Replace", "value": value})

    assert answer.json()["displayName"] == "Jane Doe"
    assert answer.json()["title"] == "Lead"
    assert User.objects.get(email="jane@example.com").full_name == "Jane Doe"


def test_it_names_the_work_address_by_a_condition(idp: Provider) -> None:
    made = idp.user("jane@example.com", emails=[{"value": "old@example.com", "type": "work"}])
    answer = idp.patch(
        f"/Users/{made['id']}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@example.com"},
    )
    assert answer.json()["emails"] == [{"value": "new@example.com", "type": "work"}]


def test_its_values_have_dotted_keys(idp: Provider, jane: dict[str, Any]) -> None:
    value = {
        "name.givenName": "Jane",
        "name.familyName": "Doe",
        f"{ENTERPRISE}:department": "Data",
        'emails[type eq "work"].value': "jane@example.com",
    }
    found = idp.patch(f"/Users/{jane['id']}", {"op": "Add", "value": value}).json()

    assert found["name"] == {"givenName": "Jane", "familyName": "Doe"}
    assert found[ENTERPRISE] == {"department": "Data"}
    assert found["emails"] == [{"type": "work", "value": "jane@example.com"}]


def test_it_adds_to_a_condition_that_no_value_fits_yet(idp: Provider, jane: dict[str, Any]) -> None:
    answer = idp.patch(
        f"/Users/{jane['id']}",
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+1 555"},
        {"op": "Add", "path": 'addresses[type eq "work"].locality', "value": "Bern"},
    )
    assert answer.json()["phoneNumbers"] == [{"type": "mobile", "value": "+1 555"}]
    assert answer.json()["addresses"] == [{"type": "work", "locality": "Bern"}]


def test_its_manager_is_a_bare_text(idp: Provider, jane: dict[str, Any]) -> None:
    path = f"{ENTERPRISE}:manager"
    answer = idp.patch(f"/Users/{jane['id']}", {"op": "Add", "path": path, "value": "boss-1"})
    assert answer.json()[ENTERPRISE]["manager"] == {"value": "boss-1"}

    cleared = idp.patch(f"/Users/{jane['id']}", {"op": "Remove", "path": path})
    assert ENTERPRISE not in cleared.json()


def test_it_removes_members_by_a_list_of_values(idp: Provider, jane: dict[str, Any]) -> None:
    max_ = idp.user("max@example.com")
    group = idp.group("Analysts", jane, max_)
    answer = idp.patch(
        f"/Groups/{group['id']}",
        {"op": "Remove", "path": "members", "value": [{"value": jane["id"]}]},
    )
    assert answer.status_code == 204
    members = idp.get(f"/Groups/{group['id']}").json()["members"]
    assert [each["value"] for each in members] == [max_["id"]]


def test_it_appends_a_flag_to_the_address(idp: Provider) -> None:
    answer = idp.call("GET", '/Users?aadOptscim062020&filter=userName+eq+"nobody"')
    assert answer.status_code == 200
    assert answer.json()["totalResults"] == 0
    made = idp.call("POST", "/Users?aadOptscim062020", {"userName": "jane@example.com"})
    assert made.status_code == 201


def test_it_checks_its_credentials_by_a_name_that_nobody_has(idp: Provider) -> None:
    """The button Test connection asks for a random userName, and expects an empty list."""
    name = "6764549d-9d4d-4d38-9e2a-0e9a5c7c4c3f"
    found = idp.get("/Users", filter=f'userName eq "{name}"').json()
    assert (found["totalResults"], found["Resources"]) == (0, [])


def test_a_whole_cycle_as_it_was_recorded(idp: Provider) -> None:
    """Look up, create, look the manager up, update, push a group, disable, delete."""
    assert idp.get("/Users", filter='externalId eq "58342554-38d6"').json()["totalResults"] == 0
    made = idp.post(
        "/Users",
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
            "externalId": "58342554-38d6",
            "userName": "test_user_0@example.com",
            "active": True,
            "addresses": None,
            "displayName": "lennay",
            "emails": [{"type": "work", "value": "test_user_0@example.com", "primary": True}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "Adrienne", "familyName": "Lin", "givenName": "Ryan"},
            "roles": [],
        },
    ).json()
    path = f"/Users/{made['id']}"
    changed = idp.patch(
        path,
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "lin@example.com"},
        {"op": "Replace", "path": "name.familyName", "value": "updated"},
        {"op": "Add", "path": f"{ENTERPRISE}:employeeNumber", "value": "7"},
    ).json()
    assert changed["name"]["familyName"] == "updated"
    assert changed["emails"][0]["value"] == "lin@example.com"
    group = idp.post(
        "/Groups",
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "externalId": "8aa1a0c0-c4c3",
            "displayName": "displayName",
            "meta": {"resourceType": "Group"},
        },
    ).json()
    added = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": made["id"]}]}
    assert idp.patch(f"/Groups/{group['id']}", added).status_code == 204
    assert idp.names(f'id eq "{group["id"]}" and members eq "{made["id"]}"', "/Groups")
    off = idp.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    assert off.json()["active"] is False
    assert idp.call("DELETE", path).status_code == 204
    assert idp.call("DELETE", f"/Groups/{group['id']}").status_code == 204
    assert idp.get(path).status_code == 404
