"""PATCH by the letter of RFC 7644, section 3.5.2."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db
EMAILS = [
    {"value": "jane@example.com", "type": "work", "primary": True},
    {"value": "jane@home.example", "type": "home"},
]


@pytest.fixture
def path(idp: Provider) -> str:
    made = idp.user(
        "jane@example.com", title="Lead", name={"givenName": "Jane"}, emails=EMAILS, active=True
    )
    return f"/Users/{made['id']}"


def test_a_new_primary_value_takes_the_mark_from_the_old(idp: Provider, path: str) -> None:
    value = [{"value": "new@example.com", "primary": True}]
    found = idp.patch(path, {"op": "add", "path": "emails", "value": value}).json()["emails"]
    assert [each.get("primary") for each in found] == [False, None, True]


def test_a_value_that_is_there_is_not_added_twice(idp: Provider, path: str) -> None:
    found = idp.patch(path, {"op": "add", "path": "emails", "value": EMAILS}).json()
    assert found["emails"] == EMAILS


def test_a_complex_value_is_merged(idp: Provider, path: str) -> None:
    value = {"familyName": "Doe"}
    found = idp.patch(path, {"op": "replace", "path": "name", "value": value}).json()
    assert found["name"] == {"givenName": "Jane", "familyName": "Doe"}


def test_selected_values_are_changed_and_removed(idp: Provider, path: str) -> None:
    home = 'emails[type eq "home"]'
    value = {"value": "jane@new.example"}
    found = idp.patch(path, {"op": "replace", "path": home, "value": value}).json()
    assert found["emails"][1] == {"value": "jane@new.example", "type": "home"}
    left = idp.patch(path, {"op": "remove", "path": f"{home}.type"}).json()
    assert left["emails"][1] == {"value": "jane@new.example"}
    gone = idp.patch(path, {"op": "remove", "path": 'emails[value ew "new.example"]'}).json()
    assert gone["emails"] == EMAILS[:1]


def test_several_operations_are_done_in_turn_or_not_at_all(idp: Provider, path: str) -> None:
    refused = idp.patch(
        path,
        {"op": "replace", "path": "title", "value": "Boss"},
        {"op": "replace", "path": "nothing", "value": "x"},
    )
    assert refused.status_code == 400
    assert idp.get(path).json()["title"] == "Lead"


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "replace", "path": "nothing", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "emails[", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[nothing eq "x"]', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "work"].nothing', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'title[type eq "x"]', "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": 7, "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": "  ", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "other"]', "value": {}}, "noTarget"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "add", "path": "groups", "value": [{"value": "x"}]}, "mutability"),
        ({"op": "replace", "path": "meta.created", "value": "x"}, "mutability"),
        ({"op": "move", "path": "title"}, "invalidSyntax"),
        ({"path": "title", "value": "x"}, "invalidSyntax"),
        ({"op": "replace", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "remove", "path": "userName"}, "invalidValue"),
        ({"op": "replace", "path": "title", "value": {"a": 1}}, "invalidValue"),
        ({"op": "add", "path": "emails", "value": [7]}, "invalidValue"),
        ({"op": "add", "path": 'emails[type eq "x"].value', "value": [7]}, "invalidValue"),
    ],
)
def test_what_cannot_be_done_is_named(
    idp: Provider, path: str, operation: dict[str, Any], kind: str
) -> None:
    answer = idp.patch(path, operation)
    assert answer.status_code == 400
    assert answer.json()["scimType"] == kind


@pytest.mark.parametrize("body", [{}, {"Operations": []}, {"Operations": [1]}, [], "x"])
def test_a_body_without_operations_is_refused(idp: Provider, path: str, body: Any) -> None:
    answer = idp.call("PATCH", path, body)
    assert answer.status_code == 400
    assert answer.json()["scimType"] == "invalidSyntax"


def test_more_than_1000_operations_are_413(idp: Provider, path: str) -> None:
    one = {"op": "replace", "path": "title", "value": "x"}
    assert idp.patch(path, *[one] * 1001).status_code == 413


def test_conditions_on_many_values_are_refused_before_they_take_long(idp: Provider) -> None:
    """1,000 of them over 20,000 values held a process for a quarter of an hour."""
    made = idp.user("jane@example.com")
    values = [{"type": "work", "value": f"{number}@example.com"} for number in range(600)]
    many = [{"op": "replace", "path": 'emails[type eq "x"].value', "value": "y"}] * 900
    add = {"op": "add", "path": "emails", "value": values}

    answer = idp.patch(f"/Users/{made['id']}", add, *many)

    assert answer.status_code == 413
    assert "too many for one PATCH" in answer.json()["detail"]


def test_a_path_compares_ten_times_at_most(idp: Provider) -> None:
    made = idp.user("jane@example.com")
    condition = " or ".join(f'type eq "{number}"' for number in range(11))

    answer = idp.patch(f"/Users/{made['id']}", {"op": "remove", "path": f"emails[{condition}]"})

    assert answer.status_code == 400
    assert "more than 10 times" in answer.json()["detail"]
