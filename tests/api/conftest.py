"""A pipeline with a token of prod-etl, and the console's files in a folder of the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from deployments.models import Deployment
from deployments.services import tokens
from tests import factories


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def token(etl: Deployment, olivia: User) -> str:
    return tokens.create(etl, name="pipeline", actor=factories.actor(olivia)).value


class Api:
    """The API as a client with a bearer sees it."""

    def __init__(self, bearer: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {bearer}"})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/v1/{path}", query)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.client.post(f"/v1/{path}", body or {}, content_type="application/json")


@pytest.fixture
def api(token: str) -> Api:
    return Api(token)


@pytest.fixture
def deploys_path(etl: Deployment) -> str:
    return f"organizations/{etl.organization_id}/deployments/{etl.pk}/deploys"
