"""Requests made from our own document, good ones and bad ones, against what it promises.

ASTRO_UI_FUZZ_CASES sets how many (20,000 for the whole proof; a small share by default), and
`--hypothesis-seed` which. Each request meets the same world: what one changes is rolled back before
the next. The operations are dealt out to SHARES tests, so that two processes can share them;
`-rP` shows what was answered.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, strategies
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from access.roles import Role
from deployments.models import Deploy
from tests import factories
from tests.api.conftest import one_connection

CASES = int(os.environ.get("ASTRO_UI_FUZZ_CASES", "480"))
SHARES = 8
RARELY_RIGHT = {"scalingSpec", "workerQueues"}
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
# The audit log is streamed for an ASGI server, and read here by a WSGI one
_STREAMED = "ignore:StreamingHttpResponse must consume asynchronous iterators"
pytestmark = [
    pytest.mark.django_db, pytest.mark.slow, pytest.mark.filterwarnings(_STREAMED),
]  # fmt: skip


def settled(cases: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=cases,
        phases=(Phase.generate, Phase.shrink),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def requests_of(operation: Any, ids: dict[str, str], headers: dict[str, str]) -> Any:
    """Good requests and bad ones for the objects that are there, and some for any ids."""
    own = {each.name: ids[each.name] for each in operation.path_parameters}
    there = {"headers": headers} | ({"path_parameters": own} if own else {})
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **there)
    any_ids = operation.as_strategy(generation_mode=GenerationMode.POSITIVE, headers=headers)
    ways = [good, good, good.map(lambda case: plausible(case, ids)), any_ids]
    if operation.body or operation.query:
        ways += 3 * [operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, **there)]
    return strategies.one_of(ways)


def plausible(case: Any, ids: dict[str, str]) -> Any:
    """With values that there are, where chance would hardly find any."""
    known: dict[str, Any] = {
        "workspaceId": ids["workspaceId"],
        "astroRuntimeVersion": "3.3-8",
        "clusterId": "",
        "contactEmails": [],
    }
    if isinstance(case.body, dict):
        kept = {name: value for name, value in case.body.items() if name not in RARELY_RIGHT}
        case.body = kept | {name: value for name, value in known.items() if name in kept}
    return case


def cases_of(operations: Sequence[Any]) -> dict[str, int]:
    """How many each gets, by its label: with neither body nor query there is little to vary."""
    weights = {each.label: 4 if each.body or each.query else 1 for each in operations}
    return {label: -(-CASES * weight // sum(weights.values())) for label, weight in weights.items()}


def is_an_error_of_ours(answer: Any) -> bool:
    shown = answer.json()
    return (
        shown.keys() == {"message", "requestId", "statusCode"}
        and shown["statusCode"] == answer.status_code
        and bool(shown["message"])
    )


@pytest.mark.parametrize("share", range(SHARES))
def test_no_request_breaks_what_the_document_promises(
    share: int,
    shipped: Deploy,
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.DATA_DIR = tmp_path
    load_all_checks()
    checks = CHECKS.get_by_names(list(CHECKED))
    etl = shipped.deployment
    bearer = factories.organization_token(etl.organization, Role.ORGANIZATION_OWNER)
    headers = {"Authorization": f"Bearer {bearer}"}
    ids = {
        "organizationId": etl.organization_id,
        "workspaceId": etl.workspace_id,
        "deploymentId": etl.pk,
        "deployId": shipped.pk,
    }
    with one_connection():
        schema = schemathesis.openapi.from_wsgi("/spec/v1.0", get_wsgi_application())
    found: Any = schema.get_all_operations()
    everything = [result.ok() for result in found]
    operations, cases = everything[share::SHARES], cases_of(everything)
    answers: Counter[tuple[str, int]] = Counter()

    def hold(operation: Any) -> None:
        @settled(cases[operation.label])
        @hypothesis.given(requests_of(operation, ids, headers))
        def attempt(case: Any) -> None:
            with transaction.atomic():
                answer = case.call()
                answers[operation.label, answer.status_code] += 1
                case.validate_response(answer, checks=checks)
                assert answer.status_code < 400 or is_an_error_of_ours(answer)
                transaction.set_rollback(True)

        attempt()

    with one_connection():
        for operation in operations:
            hold(operation)
    for (label, status), count in sorted(answers.items()):
        print(f"{count:>6} x {status} of {label}")
    assert answers.total() >= sum(cases[operation.label] for operation in operations)
