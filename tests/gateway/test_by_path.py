"""Where no host names can be had, a path prefix serves: all Airflows then share one origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from deployments.models import Deployment
from tests.gateway.stage import Browser, Stage, free_port


@pytest.fixture
def stage(transactional_db: None, settings: Settings) -> Iterator[Stage]:
    port = free_port()
    settings.BASE_URL = f"http://localhost:{port}"
    settings.AIRFLOW_URL_PATTERN = f"http://localhost:{port}/airflow/{{namespace}}/"
    made = Stage(port)
    yield made
    made.close()


def test_the_prefix_is_kept_and_the_consoles_cookies_are_not(
    stage: Stage, etl: Deployment, wanda: User, signed_in: Callable[[User], Browser]
) -> None:
    Deployment.objects.filter(pk=etl.pk).update(endpoint=stage.endpoint)
    url = f"{stage.console}/airflow/{etl.namespace}/"
    browser = signed_in(wanda)

    answer = browser.open(f"{url}dags?x=1")
    assert (answer.status, answer.text) == (200, f"hello /airflow/{etl.namespace}/dags?x=1")
    assert "Cookie" not in stage.upstream.last.headers
    assert browser.fetch(f"{stage.console}/livez").text == "ok"


def test_the_doors_cookies_stay_below_the_prefix(
    stage: Stage, etl: Deployment, wanda: User, signed_in: Callable[[User], Browser]
) -> None:
    Deployment.objects.filter(pk=etl.pk).update(endpoint=stage.endpoint)
    browser = signed_in(wanda)
    prefix = f"/airflow/{etl.namespace}"
    to_console = browser.open(f"{stage.console}{prefix}/", follow=False)
    to_airflow = browser.open(to_console.location, follow=False)
    arrival = browser.open(to_airflow.location, follow=False)

    assert f"; Path={prefix}/_astro/;" in to_console.headers["Set-Cookie"]
    assert f"; Path={prefix}/;" in arrival.headers["Set-Cookie"]
