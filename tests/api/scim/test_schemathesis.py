"""Requests that Schemathesis makes from the attributes that SCIM describes of itself.

`SCIM_SCHEMA_CASES=10000 ./console test tests/api/scim/test_schemathesis.py -m slow` for more of
them; `-rP` shows what was answered. Each meets the same world: changes are rolled back.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any
from urllib.parse import quote, urlencode

import hypothesis
import pytest
import schemathesis
from django.db import transaction
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from accounts.models import ProvisionedGroup, ProvisionedUser
from tests.api.scim.conftest import Provider
from tests.api.scim.document import document
from tests.api.test_fuzz import settled

CASES = int(os.environ.get("SCIM_SCHEMA_CASES", "340"))


@pytest.mark.slow
@pytest.mark.django_db
def test_no_request_made_from_its_own_schemas_ends_in_a_fault(idp: Provider) -> None:
    jane = idp.user("jane@example.com", emails=[{"value": "jane@example.com", "type": "work"}])
    idp.group("Analysts", jane)
    found: Any = schemathesis.openapi.from_dict(document()).get_all_operations()
    operations = [each.ok() for each in found]
    answers: Counter[tuple[str, int]] = Counter()
    varied = [each for each in operations if each.body or each.query or each.path_parameters]
    for operation in operations:
        _hold(idp, operation, -(-CASES // len(varied)) if operation in varied else 1, answers)

    for (label, status), count in sorted(answers.items()):
        print(f"{count:>6} x {status} of {label}")
    assert answers.total() >= CASES
    assert {status for _, status in answers} >= {200, 201, 400, 404}


def _hold(idp: Provider, operation: Any, cases: int, answers: Counter[tuple[str, int]]) -> None:
    @settled(cases)
    @hypothesis.given(_requests_of(operation))
    def attempt(case: Any) -> None:
        with transaction.atomic():
            answer = _sent(idp, case)
            answers[operation.label, answer.status_code] += 1
            _check(case, answer)
            transaction.set_rollback(True)

    attempt()


def _requests_of(operation: Any) -> Any:
    """Good ones and bad ones, for what is there and for any id."""
    ids = {"/Users/{id}": _first(ProvisionedUser), "/Groups/{id}": _first(ProvisionedGroup)}
    there: dict[str, Any] = {}
    if operation.path in ids:
        there = {"path_parameters": {"id": ids[operation.path]}}
    ways = [operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **there)]
    if operation.body or operation.query:
        ways.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, **there))
    if there:
        ways.append(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    return strategies.one_of(ways)


def _first(model: Any) -> str:
    return str(model.objects.values_list("pk", flat=True).get())


def _sent(idp: Provider, case: Any) -> Any:
    asked = dict(case.query or {})
    query = f"?{urlencode(asked, doseq=True)}" if asked else ""
    path = quote(case.formatted_path.rstrip("/"), safe="/%") + query
    body = None if isinstance(case.body, NotSet) else json.dumps(case.body, default=str)
    kind = case.media_type or "application/scim+json"
    return idp.call(case.method, path, body, content_type=kind)


def _check(case: Any, answer: Any) -> None:
    said = f"{case.method} {case.path} {case.query} {case.body} → {answer.content!r}"
    assert answer.status_code < 500 or answer.status_code == 501, said
    if answer.status_code >= 400:
        body = json.loads(answer.content)
        assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"], said
        assert body["status"] == str(answer.status_code), said
        assert body["detail"], said
