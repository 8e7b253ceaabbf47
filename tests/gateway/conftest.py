from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from pytest_django.fixtures import Settings

from accounts.models import User
from deployments.models import Deployment
from tests.gateway.stage import CONSOLE_HOST, Browser, Stage, free_port


@pytest.fixture
def stage(transactional_db: None, settings: Settings) -> Iterator[Stage]:
    port = free_port()
    settings.BASE_URL = f"http://{CONSOLE_HOST}:{port}"
    settings.INTERNAL_URL = f"http://127.0.0.1:{port}"
    settings.AIRFLOW_URL_PATTERN = f"http://{{namespace}}.localhost:{port}/"
    made = Stage(port)
    yield made
    made.close()


@pytest.fixture
def airflow(stage: Stage, etl: Deployment) -> str:
    """The public address of prod-etl, whose Airflow runs."""
    Deployment.objects.filter(pk=etl.pk).update(endpoint=stage.endpoint)
    return f"http://{etl.namespace}.localhost:{stage.port}/"


@pytest.fixture
def signed_in(stage: Stage) -> Callable[[User], Browser]:
    """A browser with a session of the console."""

    def make(user: User) -> Browser:
        browser = stage.browser()
        browser.jar[CONSOLE_HOST] = {"astro_ui_session": session_of(user)}
        return browser

    return make


def session_of(user: User) -> str:
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    request.session.save()
    assert request.session.session_key
    return request.session.session_key
