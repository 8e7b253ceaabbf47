"""The Logs tab: filters in the address, marks, a tail with a cursor, links that last."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from accounts.models import User
from deployments import backends, spec
from deployments.models import Deployment
from deployments.provisioners.memory import MemoryProvisioner


@pytest.fixture
def backend(etl: Deployment) -> MemoryProvisioner:
    """A memory backend that knows prod-etl and has printed four lines."""
    found = backends.provisioner(etl.cluster)
    assert isinstance(found, MemoryProvisioner)
    found.fall_silent(False)
    found.purge({"deployment_id": etl.pk})
    etl.backend_state = dict(found.apply(spec.build(etl), {}))
    etl.save()
    found.say(etl.backend_state, "scheduler", "Adopting <orphaned> tasks")
    found.say(etl.backend_state, "triggerer", "1 trigger running", "DEBUG")
    found.say(etl.backend_state, "scheduler", "Executor FAILED a task", "ERROR")
    found.say(etl.backend_state, "api-server", "GET /health")
    return found


@pytest.fixture
def wandas(client: Client, wanda: User) -> Client:
    client.force_login(wanda)
    return client


@pytest.fixture
def logs(etl: Deployment, backend: MemoryProvisioner) -> str:
    return f"/deployments/{etl.pk}/logs/"


def lines(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    found = re.findall(r'<span class="log__text">(.*?)</span></div>', answer.content.decode())
    return [html.unescape(line) for line in found]


def test_all_components_are_shown_in_order_and_escaped(wandas: Client, logs: str) -> None:
    assert lines(wandas, logs) == [
        "Adopting <orphaned> tasks",
        "1 trigger running",
        "Executor FAILED a task",
        "GET /health",
    ]
    assert b"<orphaned>" not in wandas.get(logs).content


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("?component=triggerer", ["1 trigger running"]),
        ("?level=WARNING", ["Executor FAILED a task"]),
        ("?q=failed", ["Executor <mark>FAILED</mark> a task"]),
        ("?range=nonsense&level=LOUD&component=api-server", ["GET /health"]),
    ],
)
def test_filters_of_the_address_narrow_and_the_search_is_marked(
    wandas: Client, logs: str, asked: str, expected: list[str]
) -> None:
    assert lines(wandas, logs + asked) == expected


def test_the_tail_brings_only_later_lines_and_moves_on(
    wandas: Client, logs: str, etl: Deployment, backend: MemoryProvisioner
) -> None:
    after = re.search(r'hx-get="([^"]*lines[^"]*)"', wandas.get(logs).content.decode())
    assert after
    more = html.unescape(after[1])
    assert wandas.get(more).status_code == 204

    backend.say(etl.backend_state, "scheduler", "later")

    assert lines(wandas, more) == ["later"]
    assert "after=00000004" in wandas.get(more).content.decode()


def test_the_link_of_a_line_shows_it_as_the_last_whatever_came_after(
    wandas: Client, logs: str
) -> None:
    page = wandas.get(logs).content.decode()
    third = re.findall(r'class="log__number" href="([^"]+)"', page)[2]
    address, _, anchor = html.unescape(third).partition("#")

    shown = wandas.get(address).content.decode()

    assert f'id="{anchor}"' in shown
    assert lines(wandas, address)[-1] == "Executor FAILED a task"
    assert 'hx-trigger="every' not in shown


def test_the_download_is_text(wandas: Client, logs: str) -> None:
    answer = wandas.get(f"{logs}download/?level=ERROR")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().endswith(" ERROR scheduler Executor FAILED a task\n")


def test_a_silent_backend_is_said(wandas: Client, logs: str, backend: MemoryProvisioner) -> None:
    backend.fall_silent()
    try:
        page = wandas.get(logs).content.decode()
    finally:
        backend.fall_silent(False)

    assert "The memory backend does not answer." in page
    assert "Try again" in page


def test_a_backend_without_component_logs_says_so(
    wandas: Client, logs: str, backend: MemoryProvisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "capabilities", frozenset())

    assert "No component logs here" in wandas.get(logs).content.decode()


def test_nothing_that_matches_is_another_face(wandas: Client, logs: str) -> None:
    page = wandas.get(f"{logs}?q=zebra").content.decode()

    assert "Nothing matches" in page
    assert "Clear filters" in page


def test_it_needs_the_right_to_read_logs(client: Client, mia: User, logs: str) -> None:
    client.force_login(mia)

    assert client.get(logs).status_code == 404
