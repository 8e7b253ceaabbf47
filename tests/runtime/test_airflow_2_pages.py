"""Airflow 2: people sign in at the console, and each request must carry their identity."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
import requests

from runtime.settings import OidcSettings
from tests.runtime import openid
from tests.runtime.airflow_stack import ISSUER, Airflow, Postgres, build, dag_file
from tests.runtime.conftest import chosen_versions

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

AIRFLOW_2 = [version for version in chosen_versions() if not version.startswith("3.")]
PEOPLE = {
    "olivia": {"sub": "cmolivia", "email": "olivia@example.com", "name": "Olivia Owner"},
    "mia": {"sub": "cmmia", "email": "mia@example.com", "name": "Mia Member"},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[openid.Provider]:
    with openid.provider() as server:
        yield server


@pytest.fixture(scope="module", params=AIRFLOW_2)
def airflow(
    request: pytest.FixtureRequest,
    postgres: Postgres,
    provider: openid.Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Airflow]:
    client = OidcSettings(openid.CLIENT_ID, openid.CLIENT_SECRET, provider.discovery_url)
    started = build(request.param, postgres, tmp_path_factory.mktemp("airflow"), oidc=client)
    started.deploy("v1", {"dags/hello.py": dag_file("hello")}, label="deploy #41")
    try:
        started.start()
        yield started
    finally:
        started.stop()


class Browser:
    """One person's tab behind the console's proxy, which attaches the identity."""

    def __init__(self, airflow: Airflow) -> None:
        self.airflow = airflow
        self.session = requests.Session()

    def open(
        self, path: str, *, person: str | None, role: str = "Op", follow: bool = True
    ) -> requests.Response:
        """Follow redirects by hand: the identity goes to Airflow only, on each request anew."""
        address = self.airflow.url + path
        for _ in range(8):
            headers = {}
            if person and address.startswith(self.airflow.url):
                token = self.airflow.signer.token(role=role, **PEOPLE[person])
                headers = {"Authorization": f"Bearer {token}"}
            answer = self.session.get(address, headers=headers, timeout=30, allow_redirects=False)
            if not follow or not answer.is_redirect:
                return answer
            address = urljoin(address, answer.headers["Location"])
        raise AssertionError(f"Redirected without end, at last to {address}")


@pytest.fixture
def browser(airflow: Airflow, provider: openid.Provider) -> Iterator[Browser]:
    provider.person = PEOPLE["olivia"]
    opened = Browser(airflow)
    yield opened
    opened.session.close()


def test_signs_in_at_the_console_without_a_click(browser: Browser) -> None:
    page = browser.open("/home", person="olivia")
    assert page.ok
    assert "Olivia Owner" in page.text
    assert "hello" in page.text


def test_the_session_cookie_is_its_own(browser: Browser) -> None:
    browser.open("/home", person="olivia")
    assert {cookie.name for cookie in browser.session.cookies} == {"airflow_session"}


def test_the_footer_names_runtime_and_deploy_without_a_restart(
    browser: Browser, airflow: Airflow
) -> None:
    version = airflow.settings.runtime_version
    assert f"Runtime {version} · deploy #41</a>" in browser.open("/home", person="olivia").text
    airflow.deploy("v2", {"dags/hello.py": dag_file("hello")}, label="deploy #42")
    page = browser.open("/home", person="olivia").text
    assert f"Runtime {version} · deploy #42</a>" in page
    assert f'href="{ISSUER}/deployments/' in page


def test_a_cookie_alone_opens_nothing(browser: Browser) -> None:
    browser.open("/home", person="olivia")
    assert browser.open("/home", person=None).status_code == 401
    assert browser.open("/api/v1/dags", person=None).status_code == 401


def test_without_identity_the_session_ends(browser: Browser) -> None:
    browser.open("/home", person="olivia")
    browser.open("/home", person=None)
    page = browser.open("/home", person="olivia", follow=False)
    assert "/login" in page.headers["Location"]


def test_somebody_elses_session_ends(browser: Browser, provider: openid.Provider) -> None:
    browser.open("/home", person="olivia")
    provider.person = PEOPLE["mia"]
    page = browser.open("/home", person="mia", follow=False)
    assert page.status_code == 302
    assert "/login" in page.headers["Location"]
    assert "Mia Member" in browser.open("/home", person="mia").text


def test_a_change_of_role_counts_on_the_next_page(browser: Browser) -> None:
    assert browser.open("/variable/list/", person="olivia", role="Op").ok
    page = browser.open("/variable/list/", person="olivia", role="Viewer")
    assert "Access is Denied" in page.text
    assert "Variables</title>" not in page.text
    assert "List Variable" in browser.open("/variable/list/", person="olivia", role="Op").text


def test_the_rest_api_believes_the_identity_not_the_cookie(browser: Browser) -> None:
    browser.open("/home", person="olivia", role="Op")
    assert browser.open("/api/v1/variables", person="mia", role="Viewer").status_code == 403
    assert browser.open("/api/v1/variables", person="olivia", role="Op").status_code == 200


def test_health_is_open(airflow: Airflow) -> None:
    assert requests.get(airflow.url + "/health", timeout=10).ok
