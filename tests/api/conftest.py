"""A pipeline with a token of prod-etl, and the console's files in a folder of the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from access.roles import Role
from accounts.models import Organization, User
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

    def post(self, path: str, body: Any = None) -> Any:
        sent = {} if body is None else body
        return self.client.post(f"/v1/{path}", sent, content_type="application/json")

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/v1/{path}")


@pytest.fixture
def api(token: str) -> Api:
    return Api(token)


@pytest.fixture
def owner(acme: Organization) -> Api:
    """A script with the token that `bootstrap` gives: Owner of the whole Organization."""
    return Api(factories.organization_token(acme, Role.ORGANIZATION_OWNER))


@pytest.fixture
def root(acme: Organization) -> str:
    return f"organizations/{acme.pk}"


@pytest.fixture
def deploys_path(etl: Deployment) -> str:
    return f"organizations/{etl.organization_id}/deployments/{etl.pk}/deploys"


@contextmanager
def one_connection() -> Iterator[None]:
    """For an application that something else than Django's test client drives.

    It shares the test's transaction, so it must not close the connection between requests.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
