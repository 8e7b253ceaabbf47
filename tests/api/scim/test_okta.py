"""What Okta sends and expects: its SPEC test, and what its integrations do all day."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Organization
from tests.api.scim.conftest import USER, Provider

pytestmark = pytest.mark.django_db


def test_the_totals_are_numbers(idp: Provider) -> None:
    idp.user("jane@example.com")
    found = idp.get("/Users", count="1", startIndex="1").json()
    for name in ("itemsPerPage", "startIndex", "totalResults"):
        assert type(found[name]) is int


def test_a_filter_for_an_unknown_user_name_is_200_with_none(idp: Provider) -> None:
    answer = idp.get("/Users", filter='userName eq "nobody@example.com"')
    assert answer.status_code == 200
    assert answer.json()["totalResults"] == 0
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]


def test_an_unknown_id_is_404_with_the_status_as_a_text(idp: Provider) -> None:
    answer = idp.get("/Users/010101001010101011001010101011")
    assert answer.status_code == 404
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.json()["status"] == "404"
    assert answer.json()["detail"]


def test_a_post_as_plain_json_is_201(idp: Provider) -> None:
    body = {
        "schemas": [USER],
        "userName": "runscope@example.com",
        "name": {"givenName": "Run", "familyName": "Scope"},
        "emails": [{"primary": True, "value": "runscope@example.com", "type": "work"}],
        "displayName": "Run Scope",
        "active": True,
    }
    answer = idp.post("/Users", body, content_type="application/json; charset=utf-8")
    assert answer.status_code == 201
    assert answer.json()["active"] is True
    assert answer.json()["name"] == {"givenName": "Run", "familyName": "Scope"}
    assert answer.json()["id"]


def test_a_duplicate_is_409(idp: Provider) -> None:
    idp.user("jane@example.com")
    answer = idp.post("/Users", {"schemas": [USER], "userName": "jane@example.com"})
    assert answer.status_code == 409
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.json()["scimType"] == "uniqueness"


def test_user_names_are_found_in_any_letter_case(idp: Provider) -> None:
    idp.user("Jane@Example.com")
    assert idp.names('userName eq "jane@example.com"') == {"Jane"}
    assert idp.names('userName eq "JANE@EXAMPLE.COM"') == {"Jane"}


def test_a_bad_bearer_is_401_with_a_scim_body(idp: Provider, acme: Organization) -> None:
    client = Client(headers={"Authorization": "Bearer 12345"})
    answer = client.get(f"/scim/v2/{acme.pk}/Users?startIndex=1&count=1")
    assert answer.status_code == 401
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_a_whole_cycle_as_it_was_recorded(idp: Provider) -> None:
    """Import, create, update by PUT, push a group, rename it, deactivate by PATCH without path."""
    assert idp.get("/Users", startIndex="1", count="100").json()["Resources"] == []
    body: dict[str, Any] = {
        "schemas": [USER],
        "userName": "test.user@example.com",
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": True, "value": "test.user@example.com", "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    made = idp.post("/Users", body).json()
    body |= {"id": made["id"], "title": "Lead", "name": {"givenName": "Test", "familyName": "X"}}
    body |= {"meta": {"resourceType": "User"}, "profileUrl": "https://example.com/t"}
    put = idp.call("PUT", f"/Users/{made['id']}", body)
    assert put.status_code == 200
    assert put.json()["title"] == "Lead"
    group = idp.post("/Groups", {"displayName": "Test SCIMv2", "members": []}).json()
    path = f"/Groups/{group['id']}"
    renamed = {"op": "replace", "value": {"id": group["id"], "displayName": "Renamed"}}
    assert idp.patch(path, renamed).status_code == 204
    member = [{"value": made["id"], "display": "test.user@example.com"}]
    idp.patch(path, {"op": "add", "path": "members", "value": member})
    assert len(idp.get(path).json()["members"]) == 1
    idp.patch(path, {"op": "remove", "path": f'members[value eq "{made["id"]}"]'})
    assert "members" not in idp.get(path).json()
    whole = {"op": "replace", "path": "members", "value": member}
    idp.patch(path, whole)
    assert idp.get(path).json()["members"][0]["value"] == made["id"]
    off = idp.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    assert off.json()["active"] is False
    assert idp.call("DELETE", path).status_code == 204
