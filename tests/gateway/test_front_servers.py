"""Through a real front proxy everything is as through the built-in door, and TLS ends there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.models import AuditRecord
from deployments.models import Deployment, Wish
from tests.gateway import front
from tests.gateway.conftest import session_of
from tests.gateway.front import AIRFLOWS, CONSOLE, KEY, Front
from tests.gateway.stage import Browser, Stage, free_port
from workspaces.models import WorkspaceRoleBinding

pytestmark = pytest.mark.slow
CLAIMED = "198.51.100.7"


@dataclass(frozen=True)
class Scene:
    stage: Stage
    browser: Browser
    airflow: str

    def sign_in(self, user: User) -> None:
        self.browser.jar[CONSOLE] = {"astro_ui_session": session_of(user)}

    def names_seen(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.stage.upstream.last.headers.items()}


@pytest.fixture(params=["caddy", "nginx"])
def scene(
    request: pytest.FixtureRequest,
    transactional_db: None,
    settings: Settings,
    etl: Deployment,
    tmp_path: Path,
) -> Iterator[Scene]:
    here = Front(tmp_path, free_port(), free_port())
    settings.BASE_URL = f"https://{CONSOLE}:{here.port}"
    settings.AIRFLOW_URL_PATTERN = f"https://{{namespace}}.{AIRFLOWS}:{here.port}/"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, CONSOLE]
    settings.FRONT_PROXY_KEY = KEY
    stage = Stage(here.console_port, trusted_proxy="127.0.0.1")
    Deployment.objects.filter(pk=etl.pk).update(endpoint=stage.endpoint)
    try:
        with front.running(request.param, here) as tls:
            browser = Browser(here.port, tls=tls)
            yield Scene(stage, browser, f"https://{etl.namespace}.{AIRFLOWS}:{here.port}/")
    finally:
        stage.close()


def test_who_is_signed_in_to_the_console_gets_into_airflow(scene: Scene, wanda: User) -> None:
    scene.sign_in(wanda)

    answer = scene.browser.open(f"{scene.airflow}dags?page=2")

    assert (answer.status, answer.text) == (200, "hello /dags?page=2")
    seen = scene.names_seen()
    assert seen["authorization"].startswith("Bearer ey")
    assert seen["x-forwarded-proto"] == "https"
    assert seen["host"] == scene.airflow.split("/")[2]
    assert seen.get("cookie", "") == "", "the door's own cookie is none of Airflow's business"
    row = AuditRecord.objects.filter(action="deployments.open_airflow").latest("at")
    assert row.after == {"method": "GET", "path": "/dags"}
    assert row.source_ip == "127.0.0.1"


def test_what_a_client_claims_to_be_counts_for_nothing(scene: Scene, wanda: User) -> None:
    scene.sign_in(wanda)
    scene.browser.open(scene.airflow)
    claims = {
        "Authorization": "Bearer forged",
        "X-Forwarded-For": CLAIMED,
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "X-Real-IP": CLAIMED,
        "Forwarded": f"for={CLAIMED}",
        "X-Astro-Upstream": "evil.example:80",
        "X-Astro-Proxy-Key": KEY,
    }

    answer = scene.browser.fetch(f"{scene.airflow}api/v2/dags", **claims)

    assert answer.text == "hello /api/v2/dags"
    seen = str(scene.names_seen())
    assert CLAIMED not in seen
    assert "evil" not in seen
    assert KEY not in seen
    assert "forged" not in seen


def test_an_airflows_cookie_stays_on_its_own_host(scene: Scene, wanda: User) -> None:
    scene.sign_in(wanda)
    scene.browser.open(scene.airflow)

    answer = scene.browser.fetch(f"{scene.airflow}cookies")

    own = scene.airflow.split("/")[2].partition(":")[0]
    kept = [line for line in answer.headers.get_all("Set-Cookie", []) if "airflow_session" in line]
    domains = [part for part in kept[0].lower().split("; ") if part.startswith("domain")]
    assert domains in ([], [f"domain={own}"])


def test_a_body_arrives_whole(scene: Scene, wanda: User) -> None:
    scene.sign_in(wanda)
    scene.browser.open(scene.airflow)
    mine = {"Origin": scene.airflow.rstrip("/"), "Sec-Fetch-Site": "same-origin"}

    answer = scene.browser.request(
        "POST", f"{scene.airflow}upload", headers=mine, body=b"x" * 300_000
    )

    assert answer.text == "300000"


def test_a_write_from_another_site_is_refused(scene: Scene, wanda: User) -> None:
    scene.sign_in(wanda)
    scene.browser.open(scene.airflow)
    forged = {"Origin": "https://other.example.com", "Sec-Fetch-Site": "cross-site"}

    answer = scene.browser.request("POST", f"{scene.airflow}upload", headers=forged, body=b"x")

    assert answer.status == 403
    assert scene.stage.upstream.uploaded == 0


def test_somebody_signed_out_is_led_to_the_consoles_sign_in(scene: Scene) -> None:
    answer = scene.browser.open(scene.airflow, follow=False)

    assert answer.status in {302, 303}
    assert answer.location.startswith(f"https://{CONSOLE}:")
    assert scene.stage.upstream.seen == []


def test_the_door_itself_answers_where_airflow_may_not(
    scene: Scene, wanda: User, etl: Deployment
) -> None:
    scene.sign_in(wanda)
    scene.browser.open(scene.airflow)

    WorkspaceRoleBinding.objects.filter(user=wanda).delete()

    gone = scene.browser.open(scene.airflow)
    assert gone.status == 404
    assert "There is no Airflow here" in gone.text


def test_a_hibernating_airflow_says_so(scene: Scene, wanda: User, etl: Deployment) -> None:
    scene.sign_in(wanda)
    scene.browser.open(scene.airflow)

    Deployment.objects.filter(pk=etl.pk).update(wish=Wish.STOPPED, status="HIBERNATING")

    asleep = scene.browser.open(scene.airflow)
    assert asleep.status == 503
    assert "This Airflow is asleep" in asleep.text


def test_nobody_gets_an_identity_by_asking_the_console_directly(scene: Scene, wanda: User) -> None:
    scene.sign_in(wanda)
    scene.browser.open(scene.airflow)
    asked = {"X-Forwarded-Host": scene.airflow.split("/")[2], "X-Astro-Proxy-Key": "guess"}

    answer = scene.browser.fetch(
        f"https://{CONSOLE}:{scene.browser.port}/_astro/authorize", **asked
    )

    assert answer.status == 404
    assert "Authorization" not in answer.headers
