"""A DAG that wants to own the console is refused, attempt by attempt, as a task of a real run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from threading import Thread
from typing import Any

import pytest

from astro_ui.bench.browser import Browser
from astro_ui.embedded import cluster_database_url
from astro_ui.up.site import CHECKOUT
from tests.consoles import fresh_console
from tests.isolation.scene import Author, Scene, as_administrator

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can give users"),
]

AIRFLOW_3, AIRFLOW_2 = "3.3-8", "13.11.0"
API = {AIRFLOW_3: "/api/v2/dags", AIRFLOW_2: "/api/v1/dags"}
GONE = {"FileNotFoundError", "ProcessLookupError"}
"""A process that has ended meanwhile is refused too."""

REFUSALS: dict[str, set[str]] = {
    "read_a_file": {"PermissionError"},
    "hold_a_lock_for_ever": {"PermissionError"},
    "list_a_folder": {"PermissionError"},
    "write_where_others_run_code": {"PermissionError"},
    "write_what_the_agent_trusts": {"PermissionError"},
    "make_it_writable": {"PermissionError"},
    "read_an_environment": {"PermissionError"} | GONE,
    "read_memory": {"PermissionError"} | GONE,
    "borrow_an_open_file": {"PermissionError"} | GONE,
    "signal_it": {"PermissionError"} | GONE,
    "trace_it": {"PermissionError"} | GONE,
    "find_an_inherited_file": {"RefusedError"},
    "find_a_secret_that_was_forked": {"RefusedError"},
    "raise_rights": {"PermissionError", "ValueError"},
    "ask_the_server": {"InsufficientPrivilege"},
    "enter_another_database": {"OperationalError"},
    "be_another_role": {"OperationalError"},
    "read_what_others_ask": {"RefusedError"},
    "disturb_what_others_ask": {"InsufficientPrivilege"},
    "reach_the_queue": {"PermissionError"},
    "find_the_queue_on_a_port": {
        "RefusedError",
        "TimeoutError",
        "ConnectionResetError",
        "ConnectionRefusedError",
    },
    "reach_a_door_of_root": {"PermissionError"},
    "forge_a_token": {"RefusedError"},
}
"""Every attempt, and the only answers that it may get."""

OF_PROCESSES = {
    "read_an_environment",
    "read_memory",
    "borrow_an_open_file",
    "signal_it",
    "trace_it",
}
"""In a container the administrator too is kept from processes of others, though not from all."""


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with fresh_console() as environment:
        command = [sys.executable, "manage.py", "bootstrap", "--json"]
        options = ["--email", "olivia@example.com", "--organization", "Acme"]
        made = subprocess.run(
            [*command, *options], cwd=CHECKOUT, env=environment, capture_output=True, check=True
        )
        yield Scene(environment, json.loads(made.stdout))


@pytest.fixture(scope="module")
def authors(scene: Scene) -> dict[str, Author]:
    names = {"victim": AIRFLOW_3, AIRFLOW_3: AIRFLOW_3, AIRFLOW_2: AIRFLOW_2}
    made = {name: scene.create(f"of {name}", runtime) for name, runtime in names.items()}
    for author in made.values():
        author.await_healthy()
    return made


@pytest.fixture(scope="module")
def outcomes(scene: Scene, authors: dict[str, Author]) -> dict[str, dict[str, Any]]:
    """Of both majors at once."""

    def attack(version: str) -> dict[str, Any]:
        return authors[version].attack(scene.targets(authors[version], authors["victim"]))

    versions = (AIRFLOW_3, AIRFLOW_2)
    with ThreadPoolExecutor(max_workers=2) as several:
        return dict(zip(versions, several.map(attack, versions), strict=True))


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("version", [AIRFLOW_3, AIRFLOW_2])
def test_a_dag_is_refused(outcomes: dict[str, dict[str, Any]], version: str, name: str) -> None:
    outcome = outcomes[version][name]

    assert outcome["done"] == [], outcome
    assert outcome["refused"], "nothing was tried"
    assert set(outcome["refused"]) <= REFUSALS[name], outcome


def test_every_attempt_is_one_that_would_succeed(
    scene: Scene, authors: dict[str, Author], tmp_path: Path
) -> None:
    """Whoever is not kept out gets all of it, by the same code."""
    victim, secret = authors["victim"], "known-to-the-administrator-alone"
    targets = scene.targets(authors[AIRFLOW_3], victim)
    good = {"tokens": [scene.identity(victim, victim.id)]}
    with answering_like_redis() as port, (scene.data / "secrets/secret_key").open() as inherited:
        targets |= {
            "database_url": cluster_database_url(scene.data),
            "ports": [port],
            "locks": [__file__],
            "other_roles": ["postgres"],
            "secrets_reversed": [secret[::-1]],
            "knocks": [targets["knocks"][1] | good],
        }
        python = next((scene.data / "cluster/environments").resolve().glob("3.3*/bin/python"))
        found = as_administrator(python, tmp_path, targets, secret=secret, inherited=inherited)

    assert set(found) == set(REFUSALS)
    for name, outcome in found.items():
        assert outcome["done"], (name, outcome)
        assert name in OF_PROCESSES or set(outcome["refused"]) <= GONE, (name, outcome)


@pytest.mark.parametrize("version", [AIRFLOW_3, AIRFLOW_2])
def test_a_token_for_one_airflow_opens_no_other(
    scene: Scene, authors: dict[str, Author], version: str
) -> None:
    attacker, victim = authors[version], authors["victim"]
    token = scene.identity(attacker, attacker.id)

    assert knock(scene.knock(attacker, attacker, API[version])["url"], token) == 200
    assert knock(scene.knock(attacker, victim, API[AIRFLOW_3])["url"], token) == 403


def knock(url: str, token: str) -> int:
    return Browser().ask("GET", url, headers={"Authorization": f"Bearer {token}"}).status


@contextmanager
def answering_like_redis() -> Iterator[int]:
    with create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line:
                line.recv(100)
                line.sendall(b"+PONG\r\n")

        Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
