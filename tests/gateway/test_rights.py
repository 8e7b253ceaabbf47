"""A change of rights counts within a second, for pages and REST of a tab that is open."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session

from access.roles import Role
from access.scopes import Principal, PrincipalKind, ScopeKind, access_changed
from accounts.models import ApiToken, CustomRole, Organization, User
from accounts.services import custom_roles, security, tokens
from audit.models import AuditRecord
from deployments.airflow import connect
from deployments.airflow.errors import AirflowClosed
from deployments.gateway import recent
from deployments.models import Deployment, DeploymentRoleBinding, Wish
from tests import factories
from tests.gateway.stage import Browser, Stage, wait_for
from workspaces.models import Workspace, WorkspaceRoleBinding

SignedIn = Callable[[User], Browser]
REST = "api/v2/dags"


@pytest.fixture
def tab(stage: Stage, airflow: str, wanda: User, signed_in: SignedIn) -> Browser:
    """Wanda's open tab, whose last request was a moment ago."""
    browser = signed_in(wanda)
    assert browser.open(airflow).status == 200
    assert browser.fetch(airflow + REST).status == 200
    return browser


def role_at(stage: Stage) -> str:
    return str(claims_at(stage)["role"])


def claims_at(stage: Stage) -> dict[str, Any]:
    token = stage.upstream.last.headers["Authorization"].removeprefix("Bearer ")
    claims: dict[str, Any] = jwt.decode(
        token, settings.IDENTITY_PUBLIC_KEY, algorithms=["EdDSA"], options={"verify_aud": False}
    )
    return claims


def rights_at(stage: Stage) -> list[str]:
    return [str(each) for each in claims_at(stage)["permissions"]]


def refused_within_a_second(browser: Browser, url: str) -> int:
    """The status one second after the change, when nothing old may count any more."""
    changed_at = time.monotonic()
    wait_for(lambda: time.monotonic() - changed_at >= 1, what="a second has passed")
    return browser.fetch(url).status


def test_a_role_taken_away_shuts_the_open_tab(
    stage: Stage, airflow: str, tab: Browser, wanda: User
) -> None:
    WorkspaceRoleBinding.objects.filter(user=wanda).delete()

    assert refused_within_a_second(tab, airflow + REST) == 404


def test_a_changed_role_is_what_airflow_hears_next(
    stage: Stage, airflow: str, tab: Browser, wanda: User
) -> None:
    assert role_at(stage) == "User"
    WorkspaceRoleBinding.objects.filter(user=wanda).update(role=Role.WORKSPACE_MEMBER)

    assert refused_within_a_second(tab, airflow + REST) == 200
    assert role_at(stage) == "Viewer"


def test_a_changed_role_of_the_organization_is_what_airflow_hears_next(
    stage: Stage, airflow: str, acme: Organization, mia: User, olivia: User, signed_in: SignedIn
) -> None:
    """Lent by a Team: a change of the role reaches its people's open tabs, too."""
    opens, runs = "deployment.airflow.website.get", "deployment.airflow.dagRun.create"
    made = CustomRole.objects.create(
        organization=acme, name="Runner", scope_type="DEPLOYMENT", permissions=[opens, runs]
    )
    team = factories.team(acme, mia)
    deployment = Deployment.objects.get()
    DeploymentRoleBinding.objects.create(deployment=deployment, team=team, custom_role=made)
    browser = signed_in(mia)
    assert browser.open(airflow).status == 200
    assert browser.fetch(airflow + REST).status == 200
    assert (role_at(stage), rights_at(stage)) == ("Custom", ["dagRun.create", "website.get"])

    owner = factories.actor(olivia)
    changed = custom_roles.update_custom_role(
        made, version=1, name="Runner", permissions=[opens], actor=owner
    )
    assert refused_within_a_second(browser, airflow + REST) == 200
    assert rights_at(stage) == ["website.get"]

    custom_roles.update_custom_role(
        changed, version=2, name="Runner", permissions=["deployment.update"], actor=owner
    )
    assert refused_within_a_second(browser, airflow + REST) == 403


def test_a_signal_counts_at_once(
    stage: Stage,
    airflow: str,
    tab: Browser,
    wanda: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were the memory endless, the signal alone would do."""
    monkeypatch.setattr(recent, "LIFE_SECONDS", 3600)
    monkeypatch.setattr(recent, "AHEAD_SECONDS", 3600)
    assert tab.fetch(airflow + REST).status == 200
    WorkspaceRoleBinding.objects.filter(user=wanda).delete()
    assert tab.fetch(airflow + REST).status == 200

    access_changed(Principal(PrincipalKind.USER, wanda.pk, wanda.email))
    wait_for(lambda: tab.fetch(airflow + REST).status == 404, what="refused")


def test_a_deactivated_person_is_out(stage: Stage, airflow: str, tab: Browser, wanda: User) -> None:
    User.objects.filter(pk=wanda.pk).update(status=User.Status.INACTIVE)

    assert refused_within_a_second(tab, airflow + REST) == 401


def test_an_ended_session_is_out(stage: Stage, airflow: str, tab: Browser) -> None:
    Session.objects.all().delete()

    assert refused_within_a_second(tab, airflow + REST) == 401


def test_a_session_ended_on_its_page_is_out(
    stage: Stage, airflow: str, tab: Browser, wanda: User
) -> None:
    shown = UserSession.objects.get(user=wanda)
    security.end_session(wanda, shown.pk, keep="another", actor=factories.actor(wanda))

    assert refused_within_a_second(tab, airflow + REST) == 401


def test_a_changed_password_ends_the_tab(
    stage: Stage, airflow: str, tab: Browser, wanda: User
) -> None:
    wanda.set_password("another-long-secret")
    wanda.save()

    assert refused_within_a_second(tab, airflow + REST) == 401


def test_a_suspended_organization_is_out(stage: Stage, airflow: str, tab: Browser) -> None:
    from accounts.models import Organization

    Organization.objects.update(status=Organization.Status.SUSPENDED)

    assert refused_within_a_second(tab, airflow + REST) == 403
    assert "This Organization is suspended" in tab.open(airflow).text


@pytest.mark.parametrize(
    ("change", "status"),
    [({"wish": Wish.STOPPED, "status": "HIBERNATING"}, 503), ({"status": "DELETED"}, 404)],
)
def test_a_deployment_that_sleeps_or_is_gone_is_shut(
    stage: Stage,
    airflow: str,
    tab: Browser,
    etl: Deployment,
    change: dict[str, str],
    status: int,
) -> None:
    Deployment.objects.filter(pk=etl.pk).update(**change)

    assert refused_within_a_second(tab, airflow + REST) == status


def test_who_may_see_but_not_open_is_told_so_and_it_is_written_down(
    stage: Stage, airflow: str, etl: Deployment, tab: Browser, wanda: User
) -> None:
    WorkspaceRoleBinding.objects.filter(user=wanda).delete()
    DeploymentRoleBinding.objects.create(deployment=etl, user=wanda, role=Role.DEPLOYMENT_ACCESSOR)
    stage.gateway.decisions.drop()

    page = tab.open(airflow)
    assert page.status == 403
    assert "You may not open this Airflow" in page.text
    row = AuditRecord.objects.filter(deployment_id=etl.pk).latest("id")
    assert (row.outcome, row.actor_id) == ("REFUSED", wanda.pk)


def test_pages_and_writes_stand_in_the_audit_log_and_assets_do_not(
    stage: Stage, airflow: str, etl: Deployment, tab: Browser, wanda: User
) -> None:
    before = set(AuditRecord.objects.values_list("id", flat=True))
    tab.open(f"{airflow}dags/a?token=secret")
    tab.fetch(f"{airflow}static/main.js")
    tab.request("POST", f"{airflow}api/v2/dags/a/dagRuns", body=b"{}")

    rows = AuditRecord.objects.filter(deployment_id=etl.pk).exclude(id__in=before).order_by("id")
    assert [(row.action, row.after) for row in rows] == [
        ("deployments.open_airflow", {"method": "GET", "path": "/dags/a"}),
        ("deployments.open_airflow", {"method": "POST", "path": "/api/v2/dags/a/dagRuns"}),
    ]
    assert {row.actor_id for row in rows} == {wanda.pk}
    assert {row.organization_id for row in rows} == {etl.organization_id}
    assert {(row.door, row.source_ip) for row in rows} == {("airflow", "127.0.0.1")}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_its_audit_row_nothing_is_shown_or_done(
    stage: Stage,
    airflow: str,
    tab: Browser,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    from django.db import OperationalError

    def fail(*_: object) -> asyncio.Future[None]:
        done = asyncio.get_running_loop().create_future()
        done.set_exception(OperationalError("no disk left"))
        return done

    monkeypatch.setattr("deployments.gateway.book.Book.write", fail)
    headers = {"Sec-Fetch-Mode": "navigate"} if method == "GET" else {}
    answer = tab.request(method, airflow, headers=headers)

    assert answer.status == 503
    assert b"hello" not in answer.body
    assert "POST" not in [request.method for request in stage.upstream.seen]


def deployment_token(etl: Deployment, olivia: User, role: Role) -> tuple[ApiToken, str]:
    token = tokens.issue(
        etl.organization,
        kind=ScopeKind.DEPLOYMENT,
        scope_id=etl.pk,
        claims=(f"deploymentId:{etl.pk}",),
        name="ci",
        lifetime=timedelta(days=1),
        actor=factories.actor(olivia),
    )
    DeploymentRoleBinding.objects.create(deployment=etl, api_token=token, role=role)
    return token, token.value


def test_an_api_token_reaches_airflows_rest_as_itself(
    stage: Stage, airflow: str, etl: Deployment, olivia: User
) -> None:
    token, value = deployment_token(etl, olivia, Role.DEPLOYMENT_ADMIN)
    machine = stage.browser()
    bearer = {"Authorization": f"Bearer {value}"}

    assert machine.request("GET", airflow + REST, headers=bearer).status == 200
    assert role_at(stage) == "Op"
    assert value not in stage.upstream.last.headers["Authorization"]
    ApiToken.objects.filter(pk=token.pk).update(revoked_at="2026-01-01T00:00:00Z")
    changed_at = time.monotonic()
    wait_for(lambda: time.monotonic() - changed_at >= 1)
    refused = machine.request("GET", airflow + REST, headers=bearer)
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_token_that_is_bound_to_networks_counts_at_the_door_from_there_alone(
    stage: Stage, airflow: str, etl: Deployment, olivia: User
) -> None:
    token, value = deployment_token(etl, olivia, Role.DEPLOYMENT_ADMIN)
    own = ApiToken.objects.filter(pk=token.pk)
    own.update(address_ranges=["10.0.0.0/8"])
    bearer = {"Authorization": f"Bearer {value}", "X-Forwarded-For": "10.0.0.1"}

    refused = stage.browser().request("GET", airflow + REST, headers=bearer)

    assert refused.status == 403
    said = json.loads(refused.body)
    assert said["requestId"] == refused.headers["X-Request-Id"]
    assert "not accepted from your address" in said["message"]
    row = AuditRecord.objects.get(action="accounts.use_token")
    assert (row.outcome, row.source_ip) == ("REFUSED", "127.0.0.1")
    assert stage.upstream.seen == []
    own.update(address_ranges=["127.0.0.0/8"])
    changed_at = time.monotonic()
    wait_for(lambda: time.monotonic() - changed_at >= 1)
    assert stage.browser().request("GET", airflow + REST, headers=bearer).status == 200


def test_an_api_token_of_another_deployment_finds_nothing(
    stage: Stage, airflow: str, science: Workspace, olivia: User
) -> None:
    elsewhere = factories.deployment(science, "other")
    _, value = deployment_token(elsewhere, olivia, Role.DEPLOYMENT_ADMIN)
    bearer = {"Authorization": f"Bearer {value}"}

    assert stage.browser().request("GET", airflow + REST, headers=bearer).status == 404
    assert stage.upstream.seen == []


@pytest.mark.parametrize("value", ["", "x", "a.b.c", "ü"])
def test_nonsense_is_nobody(stage: Stage, airflow: str, value: str) -> None:
    for headers in (
        {"Authorization": f"Bearer {value}".encode("latin-1")},
        {"Cookie": f"astro_airflow={value}".encode("latin-1")},
    ):
        answer = stage.browser().request("GET", airflow + REST, headers=headers)  # type: ignore[arg-type]
        assert answer.status == 401


def test_who_took_the_place_of_an_airflow_that_is_down_learns_nothing(
    stage: Stage, airflow: str, tab: Browser, etl: Deployment
) -> None:
    """The stand-in listens as another user than this Deployment's own."""
    seen = len(stage.upstream.seen)
    Deployment.objects.filter(pk=etl.pk).update(endpoint_uid=271_828)

    assert refused_within_a_second(tab, airflow + REST) == 503

    fresh = Deployment.objects.get(pk=etl.pk)
    with pytest.raises(AirflowClosed, match="does not listen now"):
        connect.for_console(fresh)
    assert len(stage.upstream.seen) == seen
