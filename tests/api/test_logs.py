"""Component logs over `/v1`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from access.roles import Role
from deployments.models import Deployment
from deployments.provisioners.base import LogLine, LogQuery
from tests import factories
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[LogQuery]:
    """What the cluster was asked; it answers three lines of the API server."""
    queries: list[LogQuery] = []

    def read(actor: Any, deployment: Deployment, query: LogQuery) -> list[LogLine]:
        queries.append(query)
        return [LogLine(str(n), AT, "api-server", "INFO", f"line {n}") for n in range(3)]

    monkeypatch.setattr("deployments.component_logs.read", read)
    return queries


def test_a_page_of_lines_in_the_words_of_the_api(
    owner: Api, root: str, etl: Deployment, asked: list[LogQuery]
) -> None:
    path = f"{root}/deployments/{etl.pk}/logs"
    shown = owner.client.get(
        f"/v1/{path}?sources=apiserver&sources=scheduler&limit=2&offset=1&maxNumResults=50"
        "&range=3600&searchText=line*&searchId=abc&endDate=2026-11-21T12:00:00Z"
    ).json()
    assert shown["results"] == [
        {"raw": f"line {n}", "source": "apiserver", "timestamp": 1_795_262_400_000.0}
        for n in (1, 2)
    ]
    assert {name: shown[name] for name in shown if name != "results"} == {
        "limit": 2, "offset": 1, "maxNumResults": 50, "resultCount": 3, "searchId": "abc",
    }  # fmt: skip
    query = asked[0]
    assert query.components == ("api-server", "scheduler")
    assert (query.search, query.limit, query.until) == ("line", 50, AT)
    assert query.since == datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


def test_logs_need_their_own_right(etl: Deployment) -> None:
    """Without `deployment.logs.get` nothing is read."""
    bearer = factories.deployment_token(etl, Role.DEPLOYMENT_ACCESSOR).value
    path = f"organizations/{etl.organization_id}/deployments/{etl.pk}/logs"
    answer = Api(bearer).get(path, sources="scheduler")
    assert answer.status_code == 403
    assert "deployment.logs.get" in answer.json()["message"]
