"""The main job, whole: from the set-up link to a running DAG, back, and to sleep."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Console
from tests.browser.leaks import places_of
from tests.browser.looking import look
from tests.hello import hello

pytestmark = [pytest.mark.browser, pytest.mark.airflow, pytest.mark.slow]

MINUTE = 60_000
PASSWORD = "correct-horse-battery"
CANARY = "canary-4f9d2a7c-never-shown"
_BROKEN = "# an airflow dag\n\nimport nothing_like_this\n"


def archive(major: int, words: str, **others: str) -> FilePayload:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("dags/hello.py", hello(words, major=major))
        for name, text in others.items():
            file.writestr(f"dags/{name}.py", text)
    return {"name": "project.zip", "mimeType": "application/zip", "buffer": buffer.getvalue()}


def main_text(page: Page, text: str | re.Pattern[str], *, timeout: float = MINUTE) -> None:
    expect(page.locator("main")).to_contain_text(text, timeout=timeout)


def set_up(page: Page, console: Console) -> None:
    page.goto(console.set_up_link)
    look(page, "set-up")
    page.fill("[name=full_name]", "Olivia Bennett")
    page.fill("[name=email]", "Olivia@Example.com")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=organization_name]", "Acme")
    page.fill("[name=workspace_name]", "Data Science")
    page.locator("form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/organizations/"))
    look(page, "home-empty")


def sign_in(page: Page, console: Console) -> None:
    page.goto(f"{console.base_url}/accounts/login/")
    page.fill("[name=login]", "OLIVIA@example.com")
    page.get_by_role("button", name="Continue").click()
    page.fill("[name=password]", PASSWORD)
    page.locator("form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/organizations/"))


def create(page: Page, name: str, runtime: str, *, executor: str) -> str:
    """Create a Deployment and see it turn healthy by itself; answers its address."""
    page.get_by_role("link", name="Deployments").first.click()
    page.get_by_role("link", name="Create Deployment").first.click()
    page.fill("[name=name]", name)
    page.check(f"[name=runtime_version][value='{runtime}']", force=True)
    page.check(f"[name=executor][value={executor}]", force=True)
    page.locator("main form button[type=submit]").click()
    main_text(page, "Build the Python environment")
    expect(page.locator("main")).to_contain_text("Healthy", timeout=8 * MINUTE)
    expect(page.get_by_role("link", name="Open Airflow")).to_be_visible(timeout=MINUTE)
    return page.url.split("?")[0]


def deploy(page: Page, address: str, files: FilePayload, description: str) -> None:
    page.goto(f"{address}deploys/")
    page.locator("input[type=file]").first.set_input_files(files)
    page.fill("[name=description]", description)
    page.locator("form button[type=submit]", has_text="Deploy").first.click()
    expect(page).to_have_url(re.compile(r"/deploys/c[0-9a-z]{24}/"), timeout=MINUTE)


def is_visible(page: Page) -> None:
    row = page.locator("main").get_by_text("Visible in Airflow").locator("xpath=..")
    expect(row).not_to_contain_text("not yet", timeout=2 * MINUTE)


def run_hello(page: Page, address: str, words: str) -> None:
    """Activate, trigger, and read what the task printed."""
    page.goto(f"{address}dags/hello/")
    switch = page.get_by_role("switch").first
    if switch.get_attribute("aria-checked") == "false":
        switch.click()
    expect(page.get_by_role("switch").first).to_have_attribute("aria-checked", "true")
    page.goto(f"{address}dags/hello/trigger/")
    page.locator("main form button[type=submit]", has_text="Trigger").click()
    page.locator("main td a", has_text="greet").first.click(timeout=MINUTE)
    main_text(page, words, timeout=2 * MINUTE)


def open_airflow(page: Page, address: str) -> None:
    """Airflow in a tab of its own host name, signed in, with the way back."""
    page.goto(address)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open Airflow").click()
    airflow = opened.value
    airflow.wait_for_load_state("load", timeout=MINUTE)
    expect(airflow).to_have_url(re.compile(r"^http://[a-z]+-[a-z]+-\d{4}\.localhost:"))
    expect(airflow.locator("body")).to_contain_text(re.compile("hello|Dags|DAGs"), timeout=MINUTE)
    airflow.close()


def keep_secret(page: Page, address: str) -> None:
    """A secret is stored, never shown, and not blanked by saving again."""
    page.goto(f"{address}environment/?as=text")
    page.fill("[name=text]", f"GREETING=hello\nsecret API_KEY={CANARY}")
    page.locator("main form button[type=submit]", has_text="Save").click()
    main_text(page, "API_KEY")
    assert CANARY not in page.content()
    page.goto(f"{address}environment/?as=text")
    assert CANARY not in page.content()
    look(page, "environment")
    page.goto(address)
    expect(page.locator("#header")).to_contain_text("Healthy", timeout=3 * MINUTE)


def roll_back(page: Page, address: str, number: int) -> None:
    page.goto(f"{address}deploys/")
    look(page, "deploys")
    page.get_by_role("link", name=f"#{number}").first.click()
    page.get_by_role("link", name="Roll back to this").click()
    main_text(page, "What will change")
    look(page, "roll-back")
    page.get_by_role("button", name=f"Roll back to deploy #{number}").click()
    main_text(page, f"deploy #{number}")
    is_visible(page)


def hibernate(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#header summary").click()
    page.locator("main form button", has_text="Hibernate").first.click()
    main_text(page, "Hibernating", timeout=MINUTE)
    expect(page.get_by_role("button", name="Wake")).to_be_enabled(timeout=MINUTE)
    look(page, "hibernating")


def wake(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Wake").click()
    expect(page.locator("#header")).to_contain_text("Healthy", timeout=2 * MINUTE)


def delete(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}delete/")
    page.fill("[name=confirmation]", "not its name")
    expect(page.get_by_role("button", name=f"Delete {name}")).to_be_disabled()
    page.fill("[name=confirmation]", name)
    page.get_by_role("button", name=f"Delete {name}").click()
    page.goto(address)
    expect(page.locator("main")).to_contain_text(
        re.compile("Deleting|There is nothing here|not exist"), timeout=MINUTE
    )


def test_from_the_set_up_link_to_a_running_dag_and_to_sleep(page: Page, console: Console) -> None:
    set_up(page, console)
    address = create(page, "prod-etl", "3.3-8", executor="CELERY")
    look(page, "healthy")

    deploy(page, address, archive(3, "version one", broken=_BROKEN), "First")
    main_text(page, re.compile(r"broken\.py, line 3"), timeout=2 * MINUTE)
    is_visible(page)
    look(page, "deployed")
    run_hello(page, address, "version one")
    look(page, "task-log")

    deploy(page, address, archive(3, "version two"), "Second")
    is_visible(page)
    run_hello(page, address, "version two")
    roll_back(page, address, 1)
    run_hello(page, address, "version one")

    page.goto(f"{address}dags/")
    look(page, "dags")
    page.goto(f"{address}logs/")
    main_text(page, "scheduler")
    look(page, "logs")
    page.goto(f"{address}settings/")
    look(page, "settings")
    open_airflow(page, address)
    keep_secret(page, address)
    assert places_of(CANARY, console.data) == []
    hibernate(page, address)
    wake(page, address)
    run_hello(page, address, "version one")
    delete(page, address, "prod-etl")


def test_the_core_of_it_on_airflow_2(page: Page, console: Console) -> None:
    sign_in(page, console)
    address = create(page, "legacy-etl", "13.11.0", executor="LOCAL")

    deploy(page, address, archive(2, "version one"), "First")
    is_visible(page)
    run_hello(page, address, "version one")
    open_airflow(page, address)
    hibernate(page, address)
