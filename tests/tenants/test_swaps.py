"""Two Organizations, everybody and every token of either, and ids swapped in every call.

On demand: `./console test --swaps` makes 100,000 calls, or ASTRO_UI_SWAPPED_CALLS of them.
"""

from __future__ import annotations

import logging
import os
import socket
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from accounts.sso.dns_records import Answer, Found
from tests.architecture.routes import Route, all_routes
from tests.tenants.machine import Stage, TwoOrganizations
from tests.tenants.realm import raise_realm

CALLS = int(os.environ.get("ASTRO_UI_SWAPPED_CALLS", "20000"))
STEPS = 100
_AT_HOME = 1.15
"""Of so many calls one has something of the other in it."""


def settled() -> hypothesis.settings:
    """The same examples on every run. Sequences are not shortened: that takes hours here."""
    return hypothesis.settings(
        max_examples=round(CALLS * _AT_HOME / STEPS),
        stateful_step_count=STEPS,
        phases=(Phase.generate,),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def nobody_else(host: object, *rest: Any, **more: Any) -> Any:
    """Names of this machine alone: nobody waits for the internet."""
    if host in {"localhost", "127.0.0.1", "::1"}:
        return _resolve(host, *rest, **more)
    raise socket.gaierror("no such name")


_resolve = socket.getaddrinfo


def is_between_tenants(route: Route) -> bool:
    """Not the operators' room, and not where any stranger's sign-in begins and ends: both say in
    the Organization's log who came."""
    is_a_door = any(arg.endswith("_key") for arg in route.args)
    return not (route.name.startswith("installation:") or is_a_door)


@pytest.fixture
def stage(
    db: None,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Stage:
    settings.DATA_DIR = tmp_path
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True
    caplog.set_level(logging.ERROR)
    # All calls share the test's transaction, so none may close its connection
    monkeypatch.setattr("deployments.views.stream.close_old_connections", lambda: None)
    monkeypatch.setattr("socket.getaddrinfo", nobody_else)
    monkeypatch.setattr("accounts.sso.dns_records.look", lambda *_: Answer(Found.UNKNOWN, "-"))
    routes = [route for route in all_routes() if is_between_tenants(route)]
    return Stage(routes, (raise_realm("kiwi7", routes), raise_realm("lynx9", routes)))


@pytest.mark.slow
def test_nothing_of_one_organization_reaches_the_other(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = type("Swapping", (TwoOrganizations,), {"stage": stage})

    run_state_machine_as_test(machine, settings=settled())

    with capsys.disabled():
        print(f"\n{stage.swapped.total()} calls with something of the other: {stage.told()}")
    assert stage.swapped.total() >= CALLS
    assert stage.uncalled() == set()
