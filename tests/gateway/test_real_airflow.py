"""A real Airflow of each major behind the door, opened with a real browser.

One Airflow a test: it takes long to start, so each test walks the whole way of one person.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from access.roles import Role
from accounts.models import User
from deployments import spec
from deployments.models import Deployment
from runtime.settings import OidcSettings
from tests import factories
from tests.gateway.conftest import session_of
from tests.gateway.stage import Stage, wait_for
from tests.runtime.airflow_stack import Airflow, Postgres, build, dag_file
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = [pytest.mark.airflow, pytest.mark.browser, pytest.mark.slow]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 120_000


@dataclass
class Scene:
    airflow: Airflow
    deployment: Deployment
    url: str
    version: str

    @property
    def rest(self) -> str:
        return f"{self.url}api/{'v2' if self.version.startswith('3') else 'v1'}"

    @property
    def run_body(self) -> str:
        return '{"logical_date": null}' if self.version.startswith("3") else "{}"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    cluster = Postgres()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium: apt-get install chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's own event loop runs in this thread; Django must not take it for async code
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(params=["3.3-8", "13.11.0"])
def scene(
    request: pytest.FixtureRequest,
    stage: Stage,
    postgres: Postgres,
    science: Workspace,
    tmp_path: Path,
) -> Iterator[Scene]:
    deployment = factories.deployment(science, "real", runtime_version=request.param)
    wish = spec.build(deployment)
    started = build(
        request.param,
        postgres,
        tmp_path,
        deployment_id=deployment.pk,
        namespace=deployment.namespace,
        base_url=wish.base_url,
        console_url=wish.console_url,
        identity_issuer=wish.identity.issuer,
        sign_in_url=wish.identity.sign_in_url,
        oidc=wish.oidc and OidcSettings(**vars(wish.oidc)),
    )
    (tmp_path / "console.pem").write_text(settings.IDENTITY_PUBLIC_KEY)
    started.deploy("v1", {"dags/hello.py": dag_file("hello")}, label="deploy #1")
    try:
        started.start()
        Deployment.objects.filter(pk=deployment.pk).update(endpoint=started.url)
        yield Scene(started, deployment, wish.base_url, request.param)
    finally:
        started.stop()


@pytest.fixture
def member(wanda: User) -> User:
    """Wanda with the weakest role that opens Airflow."""
    WorkspaceRoleBinding.objects.filter(user=wanda).update(role=Role.WORKSPACE_MEMBER)
    return wanda


@pytest.fixture
def context(chromium: Browser, stage: Stage, member: User) -> Iterator[BrowserContext]:
    """Her browser, signed in to the console."""
    made = chromium.new_context()
    made.set_default_timeout(PATIENCE_MS)
    cookie = {"name": "astro_ui_session", "value": session_of(member), "url": stage.console}
    made.add_cookies([cookie])  # type: ignore[list-item]
    yield made
    made.close()


def fetch(page: Page, url: str, method: str = "GET", body: str | None = None) -> int:
    """The status of a request that a script of the open page makes."""
    status: int = page.evaluate(
        """async ([url, method, body]) => (await fetch(url, {method, body,
            headers: {"Content-Type": "application/json"}})).status""",
        [url, method, body],
    )
    return status


def a_second_after(change: Callable[[], object]) -> None:
    change()
    changed_at = time.monotonic()
    wait_for(lambda: time.monotonic() - changed_at >= 1, what="a second has passed")


def give(user: User, role: Role) -> None:
    WorkspaceRoleBinding.objects.filter(user=user).update(role=role)


def test_open_airflow_follows_the_console(
    scene: Scene, stage: Stage, context: BrowserContext, member: User
) -> None:
    page = context.new_page()
    broken: list[str] = []
    page.on("response", lambda answer: broken.extend(_broken(answer)))
    page.goto(f"{stage.console}/deployments/{scene.deployment.pk}/open/?next=/")

    # Signed in without a click, and on a page of Airflow that shows the DAG
    page.wait_for_load_state("networkidle")
    assert page.url.startswith(scene.url)
    wait_for(lambda: fetch(page, f"{scene.rest}/dags/hello") == 200, seconds=90, what="the DAG")
    page.goto(f"{scene.url}{'dags' if scene.version.startswith('3') else 'home'}")
    page.get_by_text("hello").first.wait_for()
    assert broken == []

    # The browser holds no token of Airflow's REST
    names = {cookie["name"]: cookie for cookie in context.cookies(scene.url)}
    assert names["astro_airflow"]["httpOnly"]
    assert "_token" not in names
    assert "astro_ui_session" not in names

    # A Viewer cannot trigger; an Author can, from the tab that was open all the time
    runs = f"{scene.rest}/dags/hello/dagRuns"
    assert fetch(page, runs, "POST", scene.run_body) == 403
    assert fetch(page, f"{scene.rest}/variables") in {403, 404}
    a_second_after(lambda: give(member, Role.WORKSPACE_AUTHOR))
    assert fetch(page, runs, "POST", scene.run_body) == 200
    a_second_after(lambda: give(member, Role.WORKSPACE_OPERATOR))
    assert fetch(page, f"{scene.rest}/variables") == 200

    # Pages as well: a Viewer again, then nobody
    a_second_after(lambda: give(member, Role.WORKSPACE_MEMBER))
    assert fetch(page, runs, "POST", scene.run_body) == 403
    a_second_after(lambda: WorkspaceRoleBinding.objects.filter(user=member).delete())
    assert fetch(page, f"{scene.rest}/dags") == 404
    answer = page.goto(scene.url)
    assert answer is not None
    assert answer.status == 404
    page.get_by_text("There is no Airflow here").wait_for()


def _broken(answer: Response) -> list[str]:
    """Failures of the server, and anything that left this machine's names."""
    address = urlsplit(answer.url)
    host = address.hostname or ""
    is_ours = host == "localhost" or host.endswith(".localhost")
    is_fine = address.scheme in {"data", "blob"} or (answer.status < 500 and is_ours)
    return [] if is_fine else [f"{answer.status} {answer.url}"]
