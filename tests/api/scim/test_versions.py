"""ETags: what was changed meanwhile is not overwritten (RFC 7644, section 3.14)."""

from __future__ import annotations

import pytest

from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db
RENAME = {"op": "replace", "path": "title", "value": "Lead"}


@pytest.mark.parametrize("kind", ["/Users", "/Groups"])
def test_a_change_of_another_version_is_412(idp: Provider, kind: str) -> None:
    made = idp.user("jane@example.com") if kind == "/Users" else idp.group("Analysts")
    path = f"{kind}/{made['id']}"
    name = {"displayName": "Renamed", "userName": "jane@example.com"}
    stale = {"If_Match": 'W/"7"'}

    assert idp.patch(path, {"op": "replace", "value": name}, **stale).status_code == 412
    assert idp.call("PUT", path, name, **stale).status_code == 412
    refused = idp.call("DELETE", path, **stale)
    assert refused.status_code == 412
    assert refused.json()["status"] == "412"
    assert idp.get(path).json()["meta"]["version"] == 'W/"1"'


def test_a_change_of_the_same_version_passes(idp: Provider) -> None:
    made = idp.user("jane@example.com")
    path = f"/Users/{made['id']}"
    answer = idp.patch(path, RENAME, If_Match=made["meta"]["version"])

    assert answer.status_code == 200
    assert answer["ETag"] == 'W/"2"'
    assert idp.patch(path, RENAME, If_Match="*").status_code == 200
    assert idp.call("DELETE", path, If_Match='"1", W/"2"').status_code == 204


def test_a_change_that_changes_nothing_keeps_the_version(idp: Provider) -> None:
    made = idp.user("jane@example.com", title="Lead")
    assert idp.patch(f"/Users/{made['id']}", RENAME)["ETag"] == 'W/"1"'


def test_what_is_known_already_is_304(idp: Provider) -> None:
    made = idp.user("jane@example.com")
    answer = idp.call("GET", f"/Users/{made['id']}", If_None_Match='W/"1"')
    assert answer.status_code == 304
    assert answer.content == b""
    assert idp.call("GET", f"/Users/{made['id']}", If_None_Match='W/"2"').status_code == 200
