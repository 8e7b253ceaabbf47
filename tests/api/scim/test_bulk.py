"""Bulk (RFC 7644, section 3.7)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ProvisionedUser, TeamMembership
from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db


def _post(name: str, bulk_id: str, **more: Any) -> dict[str, Any]:
    data = {"userName": f"{name}@example.com", **more}
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data}


def _bulk(idp: Provider, *operations: dict[str, Any], **more: Any) -> Any:
    schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]
    return idp.post("/Bulk", {"schemas": schemas, "Operations": list(operations), **more})


def test_several_changes_in_one_request(idp: Provider) -> None:
    jane, max_ = idp.user("jane@example.com"), idp.user("max@example.com")
    value = {"Operations": [{"op": "replace", "path": "title", "value": "Lead"}]}
    answer = _bulk(
        idp,
        _post("eve", "eve"),
        {"method": "PATCH", "path": f"/Users/{jane['id']}", "data": value},
        {"method": "DELETE", "path": f"/Users/{max_['id']}"},
    )
    assert answer.status_code == 200
    said = answer.json()
    assert said["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]
    assert [each["status"] for each in said["Operations"]] == ["201", "200", "204"]
    assert said["Operations"][0]["bulkId"] == "eve"
    assert said["Operations"][0]["location"].startswith("http")
    assert said["Operations"][1]["version"] == 'W/"2"'
    assert idp.names("userName pr") == {"jane", "eve"}


@pytest.mark.parametrize("is_group_first", [False, True])
def test_what_is_made_can_be_named_before_and_after(idp: Provider, is_group_first: bool) -> None:
    members = [{"type": "User", "value": "bulkId:jane"}]
    group = {
        "method": "POST",
        "path": "/Groups",
        "bulkId": "group",
        "data": {"displayName": "Analysts", "members": members},
    }
    order = [group, _post("jane", "jane")] if is_group_first else [_post("jane", "jane"), group]
    answer = _bulk(idp, *order)
    assert {each["status"] for each in answer.json()["Operations"]} == {"201"}
    assert TeamMembership.objects.get().user.email == "jane@example.com"


def test_what_names_itself_or_nothing_fails_alone(idp: Provider) -> None:
    circle: dict[str, Any] = {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {}}
    first = _post("a", "a", nickName="bulkId:b", **circle)
    second = _post("b", "b", nickName="bulkId:a")
    answer = _bulk(idp, first, second, _post("c", "c", nickName="bulkId:nothing"), _post("d", "d"))
    statuses = {each["bulkId"]: each["status"] for each in answer.json()["Operations"]}
    assert statuses["c"] == "409"
    assert statuses["d"] == "201"
    assert "409" in (statuses["a"], statuses["b"])


def test_it_goes_on_after_failures_up_to_a_number(idp: Provider) -> None:
    bad = {"method": "DELETE", "path": "/Users/none"}
    assert len(_bulk(idp, bad, bad, bad, failOnErrors=2).json()["Operations"]) == 2
    answer = _bulk(idp, bad, bad, _post("jane", "jane"))
    assert [each["status"] for each in answer.json()["Operations"]] == ["404", "404", "201"]
    assert answer.json()["Operations"][0]["response"]["detail"]


def test_one_that_fails_leaves_the_others(idp: Provider) -> None:
    answer = _bulk(idp, _post("jane", "1"), _post("jane", "2"), _post("max", "3"))
    assert [each["status"] for each in answer.json()["Operations"]] == ["201", "409", "201"]
    assert ProvisionedUser.objects.count() == 2


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"method": "GET", "path": "/Users"}, "405"),
        ({"method": "POST", "path": "/Users", "data": {"userName": "x"}}, "400"),
        ({"method": "POST", "path": "/Users/x", "bulkId": "1", "data": {}}, "405"),
        ({"method": "DELETE", "path": "/Users"}, "405"),
        ({"method": "POST", "path": "/Bulk", "bulkId": "1"}, "404"),
        ({"method": "POST", "path": "/Users", "bulkId": "1", "data": None}, "400"),
        ({"path": "/Users/x"}, "405"),
        ({"method": "PUT", "path": "/Users/bulkId:none", "data": {"userName": "x"}}, "409"),
    ],
)
def test_operations_that_cannot_be_done(
    idp: Provider, operation: dict[str, Any], status: str
) -> None:
    (answer,) = _bulk(idp, operation).json()["Operations"]
    assert answer["status"] == status
    assert answer["response"]["status"] == status


def test_versions_are_held_to(idp: Provider) -> None:
    jane = idp.user("jane@example.com")
    gone = {"method": "DELETE", "path": f"/Users/{jane['id']}", "version": 'W/"9"'}
    assert _bulk(idp, gone).json()["Operations"][0]["status"] == "412"


def test_its_limits_are_413(idp: Provider) -> None:
    assert _bulk(idp, *[{"method": "DELETE", "path": "/Users/x"}] * 1001).status_code == 413
    assert _bulk(idp, _post("jane", "1", title="x" * 4_200_000)).status_code == 413


@pytest.mark.parametrize(
    "body",
    [{}, [], {"Operations": {}}, {"Operations": [1]}, {"Operations": [], "failOnErrors": "x"},
     {"Operations": [{"method": 1}]},
     {"Operations": [{"method": "POST", "bulkId": "1"}, {"method": "POST", "bulkId": "1"}]}],
)  # fmt: skip
def test_what_is_no_bulk_request_is_400(idp: Provider, body: Any) -> None:
    answer = idp.post("/Bulk", body)
    assert answer.status_code == 400
    assert answer.json()["scimType"] == "invalidSyntax"
