"""An open page outlives what the console loses, and needs no reload."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.faults.promises import PAGE_SECONDS
from tests.faults.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.matrix]

START_MS = 60_000


@pytest.fixture
def page(world: World) -> Iterator[Page]:
    """Signed in."""
    with chromium() as browser:
        context = browser.new_context()
        for name, value in world.line.cookies["localhost"].items():
            context.add_cookies([{"name": name, "value": value, "url": world.base_url}])
        yield context.new_page()
        context.close()


def test_an_open_page_recovers_without_a_reload(world: World, page: Page) -> None:
    world.wait_until_whole()
    anybody = world.gate("next", "wait-healthy")
    anybody.touch()
    deployment_id = world.create()
    page.goto(f"{world.base_url}/deployments/{deployment_id}/")
    loads: list[Page] = []
    page.on("load", lambda loaded: loads.append(loaded))
    expect(page.locator("#header")).to_contain_text("Creating", timeout=START_MS)

    os.kill(world.part("web"), signal.SIGKILL)
    anybody.unlink()
    back(world, deployment_id)
    shows(page, "Healthy")

    gate = world.gate(deployment_id, "switch-deploy")
    gate.touch()
    world.deploy(deployment_id, one="x = 1")
    shows(page, "Deploying")
    os.kill(world.part("redis"), signal.SIGKILL)
    gate.unlink()
    back(world, deployment_id)
    shows(page, "Healthy")

    assert loads == []


def test_a_page_that_missed_the_end_says_so(world: World, page: Page) -> None:
    world.wait_until_whole()
    deployment_id = world.create()
    world.settle([deployment_id], "HEALTHY")
    page.goto(f"{world.base_url}/deployments/{deployment_id}/")
    expect(page.locator("#header")).to_contain_text("Healthy", timeout=START_MS)
    page.context.set_offline(True)
    world.delete(deployment_id)
    world.settle([deployment_id], "DELETED")

    page.context.set_offline(False)

    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible(
        timeout=START_MS
    )


def back(world: World, deployment_id: str) -> None:
    """The console answers again, and the operation that the fault befell has ended."""
    world.settle([deployment_id], "HEALTHY")
    world.wait_until_whole()


def shows(page: Page, text: str) -> None:
    within = PAGE_SECONDS * 1000
    expect(page.locator("#header")).to_contain_text(text, timeout=within)
    expect(page.locator("#reconnecting")).to_be_hidden(timeout=within)
