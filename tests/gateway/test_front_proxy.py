"""A front proxy asks the same question and gets the same answer, if it proves itself."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.models import AuditRecord
from deployments.gateway import passes
from deployments.gateway.passes import Pass
from deployments.models import Deployment
from tests.gateway.conftest import session_of

pytestmark = pytest.mark.django_db
ADDRESS = "/_astro/authorize"
INNER = "http://127.0.0.1:4321"


@pytest.fixture
def asked(settings: Settings, etl: Deployment) -> dict[str, str]:
    settings.FRONT_PROXY_KEY = "k" * 32
    settings.AIRFLOW_URL_PATTERN = "https://{namespace}.example.com/"
    Deployment.objects.filter(pk=etl.pk).update(endpoint=INNER)
    return {
        "X-Astro-Proxy-Key": "k" * 32,
        "X-Forwarded-Host": f"{etl.namespace}.example.com",
        "X-Forwarded-Method": "GET",
        "X-Forwarded-Uri": "/dags?x=1",
        "Sec-Fetch-Mode": "navigate",
    }


def cookie(user: User, etl: Deployment) -> dict[str, str]:
    value = passes.seal(Pass(session_of(user), etl.namespace))
    return {"Cookie": f"astro_airflow={value}"}


def test_who_may_enter_gets_headers_to_attach_and_an_audit_row(
    client: Client, asked: dict[str, str], etl: Deployment, wanda: User
) -> None:
    answer = client.get(ADDRESS, headers=asked | cookie(wanda, etl))

    assert answer.status_code == 200
    assert answer["X-Astro-Upstream"] == "127.0.0.1:4321"
    assert answer["Authorization"].startswith("Bearer ey")
    row = AuditRecord.objects.get(action="deployments.open_airflow")
    assert row.after == {"method": "GET", "path": "/dags"}


def test_who_is_not_signed_in_is_told_where(
    client: Client, asked: dict[str, str], etl: Deployment
) -> None:
    answer = client.get(ADDRESS, headers=asked)

    assert answer.status_code == 401
    assert f"/_astro/sign-in/{etl.namespace}/?state=" in answer["Location"]
    assert "next=%2Fdags%3Fx%3D1" in answer["Location"]
    assert answer["Set-Cookie"].endswith("; Path=/_astro/; HttpOnly; SameSite=Lax; Secure")
    assert "Authorization" not in answer


def test_a_stranger_gets_404(
    client: Client, asked: dict[str, str], etl: Deployment, oscar: User
) -> None:
    answer = client.get(ADDRESS, headers=asked | cookie(oscar, etl))

    assert answer.status_code == 404
    assert "Authorization" not in answer


def test_a_forged_write_is_refused(
    client: Client, asked: dict[str, str], etl: Deployment, wanda: User
) -> None:
    forged = {"X-Forwarded-Method": "POST", "Origin": "https://other.example.com"}
    answer = client.get(ADDRESS, headers=asked | cookie(wanda, etl) | forged)

    assert answer.status_code == 403
    assert "Authorization" not in answer


@pytest.mark.parametrize("key", ["", "wrong"])
def test_without_the_proxys_key_there_is_no_such_address(
    client: Client, asked: dict[str, str], etl: Deployment, wanda: User, key: str
) -> None:
    headers = asked | cookie(wanda, etl) | {"X-Astro-Proxy-Key": key}

    assert client.get(ADDRESS, headers=headers).status_code == 404


def test_it_does_not_exist_unless_configured(
    client: Client, asked: dict[str, str], etl: Deployment, wanda: User, settings: Settings
) -> None:
    settings.FRONT_PROXY_KEY = ""
    headers = asked | cookie(wanda, etl) | {"X-Astro-Proxy-Key": ""}

    assert client.get(ADDRESS, headers=headers).status_code == 404


def test_of_another_host_it_knows_nothing(client: Client, asked: dict[str, str]) -> None:
    elsewhere = asked | {"X-Forwarded-Host": "elsewhere.example.org"}

    assert client.get(ADDRESS, headers=elsewhere).status_code == 404


def test_a_ticket_is_for_the_browser_that_asked_for_it() -> None:
    granted = Pass("session", "calm-comet")

    for state, shown in (("s1", "s2"), ("", "")):
        ticket = passes.ticket(granted, state=state)
        assert passes.redeem(ticket, namespace="calm-comet", state=shown) is None
