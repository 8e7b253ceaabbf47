"""Where an Organization admits certain networks only, so do its Airflows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.core.management import call_command
from pytest_django.fixtures import Settings

from access.actor import system
from access.scopes import ScopeKind
from accounts.models import ApiToken, Organization, User
from accounts.services import tokens
from audit.models import AuditRecord, Outcome
from deployments.gateway import recent
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from tests.gateway.stage import Browser, Stage, wait_for

REST = "api/v2/dags"
ELSEWHERE = "203.0.113.0/24"


@pytest.fixture
def tab(airflow: str, wanda: User, signed_in: Callable[[User], Browser]) -> Browser:
    """Wanda's open tab, whose last request was a moment ago."""
    browser = signed_in(wanda)
    assert browser.open(airflow).status == 200
    return browser


@pytest.fixture(autouse=True)
def _nothing_noted(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_an_open_tab_is_shut_by_word_of_the_commit_and_says_why(
    airflow: str, tab: Browser, acme: Organization, olivia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the memory endless, the signal alone would do."""
    monkeypatch.setattr(recent, "LIFE_SECONDS", 3600)
    monkeypatch.setattr(recent, "AHEAD_SECONDS", 3600)
    assert tab.fetch(airflow + REST).status == 200

    factories.restrict(acme, ELSEWHERE)

    wait_for(lambda: tab.fetch(airflow + REST).status == 403, what="refused")
    told = tab.fetch(airflow + REST).text
    assert "Your address may not use this Organization" in told
    assert '"requestId"' in told
    shown = tab.open(airflow).text
    assert "127.0.0.1" in shown
    assert "olivia@example.com" in shown

    call_command("ip_access", "clear", acme.pk)
    wait_for(lambda: tab.fetch(airflow + REST).status == 200, what="admitted again")


def test_without_word_it_is_shut_within_a_second(
    airflow: str, tab: Browser, acme: Organization
) -> None:
    Organization.objects.update(restricts_ip=True, admitted_networks=[ELSEWHERE])

    wait_for(lambda: tab.fetch(airflow + REST).status == 403, what="refused")


def test_a_tab_that_reloads_itself_does_not_fill_the_audit_log(
    airflow: str, tab: Browser, acme: Organization
) -> None:
    factories.restrict(acme, ELSEWHERE)
    wait_for(lambda: tab.open(airflow).status == 403, what="refused")
    for _ in range(5):
        tab.open(airflow)

    rows = AuditRecord.objects.filter(outcome=Outcome.REFUSED)
    assert [(row.action, row.source_ip, row.door) for row in rows] == [
        ("accounts.enter", "127.0.0.1", "airflow")
    ]


def test_an_api_token_is_refused_at_the_door_too(
    stage: Stage, airflow: str, etl: Deployment, acme: Organization
) -> None:
    made = tokens.issue(
        acme, kind=ScopeKind.DEPLOYMENT, scope_id=etl.pk, claims=(), name="ci",
        actor=system("test"),
    )  # fmt: skip
    DeploymentRoleBinding.objects.create(
        deployment=etl, api_token=ApiToken.objects.get(pk=made.pk), role="DEPLOYMENT_ADMIN"
    )
    bearer = {"Authorization": f"Bearer {made.value}"}
    assert stage.browser().request("GET", airflow + REST, headers=bearer).status == 200

    factories.restrict(acme, ELSEWHERE)

    def status() -> int:
        return stage.browser().request("GET", airflow + REST, headers=bearer).status

    wait_for(lambda: status() == 403, what="refused")


def test_the_address_is_the_clients_own(
    airflow: str, tab: Browser, acme: Organization, settings: Settings
) -> None:
    factories.restrict(acme, ELSEWHERE)
    wait_for(lambda: tab.fetch(airflow + REST).status == 403, what="refused")

    claimed = tab.fetch(airflow + REST, **{"X-Forwarded-For": "203.0.113.5"})

    assert claimed.status == 403
