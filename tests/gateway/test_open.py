"""Opening an Airflow: signed in without a click, and only by one's own way."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from django.conf import settings

from accounts.models import User
from audit.models import AuditRecord
from deployments.models import Deployment, Wish
from tests.gateway.stage import Browser, Stage

SignedIn = Callable[[User], Browser]


def identity_at(stage: Stage) -> dict[str, object]:
    """What the Airflow behind the door was told about its last visitor."""
    scheme, _, token = stage.upstream.last.headers["Authorization"].partition(" ")
    assert scheme == "Bearer"
    return dict(
        jwt.decode(
            token,
            settings.IDENTITY_PUBLIC_KEY,
            algorithms=["EdDSA"],
            options={"verify_aud": False},
        )
    )


def test_a_member_is_led_in_and_arrives_where_they_wanted(
    stage: Stage, airflow: str, etl: Deployment, wanda: User, signed_in: SignedIn
) -> None:
    answer = signed_in(wanda).open(f"{airflow}dags/a%20b?tab=runs")

    assert (answer.status, answer.text) == (200, "hello /dags/a%20b?tab=runs")
    told = identity_at(stage)
    assert told["aud"] == etl.pk
    assert told["sub"] == wanda.pk
    assert told["email"] == "wanda@example.com"
    assert told["role"] == "User"
    assert "dagRun.create" in told["permissions"]  # type: ignore[operator]
    assert "connection.update" not in told["permissions"]  # type: ignore[operator]
    assert int(str(told["exp"])) - int(str(told["iat"])) <= 60


def test_the_console_page_leads_to_airflow(
    stage: Stage, airflow: str, etl: Deployment, wanda: User, signed_in: SignedIn
) -> None:
    answer = signed_in(wanda).open(f"{stage.console}/deployments/{etl.pk}/open/?next=/dags")

    assert (answer.status, answer.url) == (200, f"{airflow}dags")


def test_the_browser_holds_no_airflow_token_and_no_console_session_there(
    stage: Stage, airflow: str, etl: Deployment, wanda: User, signed_in: SignedIn
) -> None:
    browser = signed_in(wanda)
    session = browser.jar["localhost"]["astro_ui_session"]
    browser.open(airflow)

    held = browser.jar[f"{etl.namespace}.localhost"]
    assert set(held) == {"astro_airflow", "astro_sign_in"}
    assert session not in str(held)
    assert "Cookie" not in stage.upstream.last.headers


def test_cookies_are_kept_from_scripts_and_other_hosts(
    stage: Stage, airflow: str, wanda: User, signed_in: SignedIn
) -> None:
    browser = signed_in(wanda)
    to_console = browser.open(airflow, follow=False)
    to_airflow = browser.open(to_console.location, follow=False)
    arrival = browser.open(to_airflow.location, follow=False)

    assert to_console.headers["Set-Cookie"].endswith("; Path=/_astro/; HttpOnly; SameSite=Lax")
    assert arrival.headers["Set-Cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert arrival.headers["Referrer-Policy"] == "no-referrer"


def test_a_ticket_opens_once(stage: Stage, airflow: str, wanda: User, signed_in: SignedIn) -> None:
    browser = signed_in(wanda)
    to_airflow = browser.open(browser.open(airflow, follow=False).location, follow=False)
    assert browser.open(to_airflow.location, follow=False).status == 302

    again = browser.open(to_airflow.location, follow=False)
    assert again.status == 403
    assert "This sign-in has expired" in again.text
    assert "Set-Cookie" not in again.headers


def test_a_ticket_is_worthless_in_another_browser(
    stage: Stage, airflow: str, wanda: User, mia: User, signed_in: SignedIn
) -> None:
    """Else somebody could sign a victim in as themselves with a link."""
    attacker, victim = signed_in(wanda), signed_in(mia)
    to_airflow = attacker.open(attacker.open(airflow, follow=False).location, follow=False)

    assert victim.open(to_airflow.location, follow=False).status == 403


def test_an_old_ticket_is_refused(
    stage: Stage,
    airflow: str,
    wanda: User,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = signed_in(wanda)
    to_airflow = browser.open(browser.open(airflow, follow=False).location, follow=False)
    monkeypatch.setattr("deployments.gateway.passes.TICKET_LIFE_SECONDS", -1)

    assert browser.open(to_airflow.location, follow=False).status == 403


def test_a_ticket_for_one_airflow_opens_no_other(
    stage: Stage, airflow: str, secret_lab: Deployment, wanda: User, signed_in: SignedIn
) -> None:
    browser = signed_in(wanda)
    to_airflow = browser.open(browser.open(airflow, follow=False).location, follow=False)
    elsewhere = to_airflow.location.replace(airflow, other(stage, secret_lab))
    state = browser.jar[urlsplit(airflow).hostname or ""]["astro_sign_in"]
    browser.jar[f"{secret_lab.namespace}.localhost"] = {"astro_sign_in": state}

    assert browser.open(elsewhere, follow=False).status == 403


def test_a_pass_for_one_airflow_opens_no_other(
    stage: Stage, airflow: str, secret_lab: Deployment, wanda: User, signed_in: SignedIn
) -> None:
    Deployment.objects.filter(pk=secret_lab.pk).update(endpoint=stage.endpoint)
    browser = signed_in(wanda)
    browser.open(airflow)
    held = browser.jar[urlsplit(airflow).hostname or ""]["astro_airflow"]
    browser.jar[f"{secret_lab.namespace}.localhost"] = {"astro_airflow": held}

    assert browser.fetch(other(stage, secret_lab)).status == 401


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/%09/evil.example",
        "http://localhost.evil.example/",
        "javascript:alert(1)",
        "/ok\r\nSet-Cookie: x=1",
    ],
)
def test_nobody_is_led_elsewhere(
    stage: Stage, airflow: str, wanda: User, signed_in: SignedIn, target: str
) -> None:
    browser = signed_in(wanda)
    query = parse_qs(urlsplit(browser.open(airflow, follow=False).location).query)
    namespace = urlsplit(airflow).hostname.partition(".")[0]  # type: ignore[union-attr]
    asked = urlencode({"state": query["state"][0], "next": target})
    to_airflow = browser.open(f"{stage.console}/_astro/sign-in/{namespace}/?{asked}", follow=False)

    assert to_airflow.location.startswith(f"{airflow}_astro/sign-in?")
    arrival = browser.open(to_airflow.location, follow=False)
    assert arrival.location.startswith(airflow)
    assert urlsplit(arrival.location).hostname == urlsplit(airflow).hostname


def test_a_stranger_gets_404_and_nothing_reaches_airflow(
    stage: Stage, airflow: str, etl: Deployment, oscar: User, signed_in: SignedIn
) -> None:
    browser = signed_in(oscar)

    assert browser.open(airflow).status == 404
    assert browser.open(f"{stage.console}/deployments/{etl.pk}/open/").status == 404
    unknown = f"http://no-such-1234.localhost:{stage.port}/"
    assert browser.open(unknown).status == 404
    assert stage.upstream.seen == []
    assert not AuditRecord.objects.filter(deployment_id=etl.pk).exists()


def test_nobody_at_all_is_asked_to_sign_in(stage: Stage, airflow: str) -> None:
    """The way leads to the sign-in page, and back: whether such a Deployment exists stays open."""
    browser = stage.browser()
    known = browser.open(browser.open(airflow, follow=False).location, follow=False)
    unknown = f"http://no-such-1234.localhost:{stage.port}/"
    hidden = browser.open(browser.open(unknown, follow=False).location, follow=False)

    assert known.status == hidden.status == 302
    assert known.location.startswith("/accounts/login/?next=/_astro/sign-in/")
    assert browser.fetch(f"{airflow}api/v2/dags").status == 401


def test_a_member_of_the_organization_without_a_role_gets_404(
    stage: Stage, airflow: str, mia: User, signed_in: SignedIn
) -> None:
    assert signed_in(mia).open(airflow).status == 404
    assert stage.upstream.seen == []


def test_a_sleeping_airflow_says_so_and_leads_to_its_deployment(
    stage: Stage, airflow: str, etl: Deployment, wanda: User, signed_in: SignedIn
) -> None:
    browser = signed_in(wanda)
    browser.open(airflow)
    Deployment.objects.filter(pk=etl.pk).update(wish=Wish.STOPPED, status="HIBERNATING")
    stage.gateway.decisions.drop()

    page = browser.open(airflow)
    assert page.status == 503
    assert "This Airflow is asleep" in page.text
    assert f'href="{stage.console}/deployments/{etl.pk}/"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert browser.fetch(f"{airflow}api/v2/dags").status == 503
    from_console = browser.open(f"{stage.console}/deployments/{etl.pk}/open/")
    assert from_console.status == 503
    assert "Wake it" in from_console.text


def test_an_airflow_that_does_not_answer_yet_is_starting(
    stage: Stage, airflow: str, etl: Deployment, wanda: User, signed_in: SignedIn
) -> None:
    Deployment.objects.filter(pk=etl.pk).update(endpoint="http://127.0.0.1:1")

    page = signed_in(wanda).open(airflow)
    assert page.status == 503
    assert "This Airflow is starting" in page.text
    assert page.headers["Retry-After"] == "3"


def other(stage: Stage, deployment: Deployment) -> str:
    return f"http://{deployment.namespace}.localhost:{stage.port}/"
