"""Pages by index and by cursor, order, and which attributes are answered."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.scim import paging
from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(idp: Provider) -> Provider:
    for name, title in (("eve", "b"), ("dan", None), ("cat", "A"), ("bob", "c"), ("ann", None)):
        idp.user(f"{name}@example.com", **({"title": title} if title else {}))
    return idp


def _names(answer: Any) -> list[str]:
    return [each["userName"].partition("@")[0] for each in answer.json()["Resources"]]


@pytest.mark.parametrize(
    ("query", "start", "names"),
    [
        ({"count": "2"}, 1, ["eve", "dan"]),
        ({"startIndex": "2", "count": "2"}, 2, ["dan", "cat"]),
        ({"startIndex": "5", "count": "2"}, 5, ["ann"]),
        ({"startIndex": "6"}, 6, []),
        ({"startIndex": "0", "count": "1"}, 1, ["eve"]),
        ({"startIndex": "-3", "count": "1"}, 1, ["eve"]),
        ({"count": "0"}, 1, []),
        ({"count": "-1"}, 1, []),
        ({}, 1, ["eve", "dan", "cat", "bob", "ann"]),
    ],
)
def test_pages_by_index(
    five: Provider, query: dict[str, str], start: int, names: list[str]
) -> None:
    answer = five.get("/Users", **query)
    said = answer.json()

    assert _names(answer) == names
    assert (said["totalResults"], said["startIndex"]) == (5, start)
    assert said["itemsPerPage"] == len(names)


def test_a_page_far_down_passes_over_ids_only(five: Provider) -> None:
    """With 100,000 people before it, to read and sort them whole takes four times as long."""
    with CaptureQueriesContext(connection) as asked:
        answer = five.get("/Users", startIndex="3", count="2", sortBy="userName", filter="id pr")
    assert _names(answer) == ["cat", "dan"]
    assert any("OFFSET 2" in each["sql"] and " IN (SELECT " in each["sql"] for each in asked)


def test_a_page_has_at_most_1000(five: Provider) -> None:
    assert paging._count({"count": "5000"}) == 1000


@pytest.mark.parametrize("by", ["", "userName"])
def test_pages_by_cursor_show_each_once(five: Provider, by: str) -> None:
    query = {"cursor": "", "count": "2"} | ({"sortBy": by} if by else {})
    seen: list[str] = []
    while True:
        answer = five.get("/Users", **query)
        assert answer.json()["totalResults"] == 5
        assert "startIndex" not in answer.json()
        seen += _names(answer)
        if "nextCursor" not in answer.json():
            break
        query["cursor"] = answer.json()["nextCursor"]
    expected = ["eve", "dan", "cat", "bob", "ann"]
    assert seen == (sorted(expected) if by else expected)


def test_a_cursor_stays_right_while_people_go(five: Provider) -> None:
    first = five.get("/Users", cursor="", count="2").json()
    five.call("DELETE", f"/Users/{first['Resources'][0]['id']}")
    assert _names(five.get("/Users", cursor=first["nextCursor"])) == ["cat", "bob", "ann"]


def test_a_bad_cursor_is_named(five: Provider) -> None:
    cursor = five.get("/Users", cursor="", count="2").json()["nextCursor"]
    for query in ({"cursor": "nonsense"}, {"cursor": cursor, "filter": "title pr"}):
        assert five.get("/Users", **query).json()["scimType"] == "invalidCursor"
    assert five.get("/Users", cursor="", count="0").json()["scimType"] == "invalidCount"
    assert five.get("/Users", count="many").json()["scimType"] == "invalidCount"


def test_a_cursor_ends_after_an_hour(five: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = five.get("/Users", cursor="", count="2").json()["nextCursor"]
    monkeypatch.setattr(paging, "CURSOR_SECONDS", -1)
    assert five.get("/Users", cursor=cursor).json()["scimType"] == "expiredCursor"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"sortBy": "userName"}, ["ann", "bob", "cat", "dan", "eve"]),
        ({"sortBy": "username", "sortOrder": "descending"}, ["eve", "dan", "cat", "bob", "ann"]),
        ({"sortBy": "title"}, ["cat", "eve", "bob", "dan", "ann"]),
        ({"sortBy": "title", "sortOrder": "descending"}, ["dan", "ann", "bob", "eve", "cat"]),
        (
            {"sortBy": "meta.created", "sortOrder": "descending"},
            ["ann", "bob", "cat", "dan", "eve"],
        ),
        ({"sortBy": "emails", "count": "1"}, ["eve"]),
    ],
)
def test_lists_are_sorted_without_letter_case_and_absent_values_last(
    five: Provider, query: dict[str, str], names: list[str]
) -> None:
    assert _names(five.get("/Users", **query)) == names


@pytest.mark.parametrize(
    "query",
    [{"sortBy": "nothing"}, {"sortBy": "name"}, {"sortBy": "title", "sortOrder": "up"},
     {"sortBy": "groups"}, {"startIndex": "first"}],
)  # fmt: skip
def test_what_cannot_be_sorted_by_is_400(five: Provider, query: dict[str, str]) -> None:
    assert five.get("/Users", **query).status_code == 400


def test_only_named_attributes_are_answered(idp: Provider) -> None:
    emails = [{"value": "jane@example.com", "type": "work"}]
    made = idp.user("jane@example.com", title="Lead", emails=emails, name={"givenName": "Jane"})
    path = f"/Users/{made['id']}"

    def keys(**query: str) -> set[str]:
        return set(idp.get(path, **query).json())

    assert keys(attributes="userName") == {"schemas", "id", "userName"}
    assert keys(attributes="USERNAME,nothing") == {"schemas", "id", "userName"}
    assert keys(excludedAttributes="title,emails,id,meta") == {
        "schemas", "id", "userName", "active", "name"
    }  # fmt: skip
    part = idp.get(path, attributes="emails.value,name.givenName").json()
    assert part["emails"] == [{"value": "jane@example.com"}]
    assert part["name"] == {"givenName": "Jane"}
    left = idp.get(path, excludedAttributes="emails.type").json()
    assert left["emails"] == [{"value": "jane@example.com"}]


def test_a_search_by_post_answers_as_a_search_by_get(five: Provider) -> None:
    schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]
    body = {"schemas": schemas, "filter": "title pr", "attributes": ["userName"], "count": 2}
    answer = five.post("/Users/.search", body)
    assert answer.status_code == 200
    assert _names(answer) == ["eve", "cat"]
    assert answer.json()["totalResults"] == 3
    assert five.post("/Users/.search", []).status_code == 400


def test_a_long_list_asks_no_more_than_a_short_one(five: Provider) -> None:
    def asked(count: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            five.get("/Users", count=count)
        return len(captured)

    asked("1")
    assert asked("2") == asked("4")


def test_a_search_at_the_root_finds_people_and_then_groups(five: Provider) -> None:
    five.group("Analysts")
    five.group("Writers")

    def found(**query: Any) -> list[str]:
        answer = five.post("/.search", query)
        assert answer.status_code == 200, answer.content
        return [
            each.get("userName", each.get("displayName", "")).partition("@")[0]
            for each in answer.json()["Resources"]
        ]

    assert found() == ["eve", "dan", "cat", "bob", "ann", "Analysts", "Writers"]
    assert found(startIndex=5, count=2) == ["ann", "Analysts"]
    assert found(startIndex=7) == ["Writers"]
    assert found(filter='displayName eq "writers"') == ["Writers"]
    assert found(filter='userName eq "eve@example.com"') == ["eve"]
    assert five.get("", count="0").json()["totalResults"] == 7
    assert five.post("/.search", {"filter": "nothing pr"}).json()["scimType"] == "invalidFilter"
    assert five.get("", cursor="").json()["scimType"] == "invalidCursor"
