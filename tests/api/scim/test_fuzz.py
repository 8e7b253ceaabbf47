"""Whatever is sent, SCIM answers in its own form and never with a 5xx that it did not mean.

`SCIM_FUZZ_CASES=50000 ./console test tests/api/scim/test_fuzz.py` runs as many as the promise says.
"""

from __future__ import annotations

import json
import os

import pytest

from accounts.models import Organization, ProvisionedGroup, ProvisionedUser
from tests.api.scim.conftest import Provider
from tests.api.scim.grammar import Grammar

CASES = int(os.environ.get("SCIM_FUZZ_CASES", "600"))
SEED = int(os.environ.get("SCIM_FUZZ_SEED", "7644"))
_EVERY = 25
"""After so many the ids of what is there are looked up anew."""


@pytest.mark.django_db(transaction=True)
def test_no_request_ends_in_a_fault(idp: Provider, acme: Organization) -> None:
    known: list[str] = []
    grammar = Grammar(SEED, lambda: known)
    for number in range(CASES):
        if number % _EVERY == 0:
            known[:] = _ids()
        asked = grammar.request()
        query = "&".join(f"{name}={_quoted(value)}" for name, value in asked.query.items())
        path = f"{asked.path}?{query}" if query else asked.path
        headers = {name.replace("-", "_"): value for name, value in asked.headers.items()}
        answer = idp.call(asked.method, path, json.dumps(asked.body), **headers)

        said = f"case {number} of seed {SEED}: {asked} → {answer.status_code} {answer.content!r}"
        assert answer.status_code < 500 or answer.status_code == 501, said
        if answer.status_code >= 400 and asked.method != "HEAD":
            body = json.loads(answer.content)
            assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"], said
            assert body["status"] == str(answer.status_code), said
            assert body["detail"], said


def _ids() -> list[str]:
    people = ProvisionedUser.objects.values_list("pk", flat=True)[:30]
    return [*people, *ProvisionedGroup.objects.values_list("pk", flat=True)[:10]]


def _quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value.encode("utf-8", "surrogatepass"))
