"""Two Organizations, everybody and every token of either, and ids swapped in every call.

Every run makes enough calls to reach each address; `./console test --swaps` makes 100,000, or
ASTRO_UI_SWAPPED_CALLS of them.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis.strategies import integers, lists

from accounts.sso.dns_records import Answer, Found
from tests.architecture.routes import Route, all_routes
from tests.tenants.machine import Stage, TwoOrganizations
from tests.tenants.realm import raise_realm

CALLS = int(os.environ.get("ASTRO_UI_SWAPPED_CALLS", "400"))
STEPS = 100
_ROOM = 2
"""Steps for each call, as some are for calls at home; those that are left over do nothing."""


def settled() -> hypothesis.settings:
    """The same examples on every run. Sequences are not shortened: that takes hours here."""
    return hypothesis.settings(
        max_examples=CALLS * _ROOM // STEPS,
        phases=(Phase.generate,),
        derandomize=True,
        report_multiple_bugs=False,
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
) -> Iterator[Stage]:
    settings.DATA_DIR = tmp_path
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True
    # All calls share the test's transaction, so none may close its connection
    monkeypatch.setattr("deployments.views.stream.close_old_connections", lambda: None)
    monkeypatch.setattr("socket.getaddrinfo", nobody_else)
    monkeypatch.setattr("accounts.sso.dns_records.look", lambda *_: Answer(Found.UNKNOWN, "-"))
    routes = [route for route in all_routes() if is_between_tenants(route)]
    logging.disable(logging.ERROR)  # each 404 and 501 is one
    yield Stage(routes, (raise_realm("kiwi7", routes), raise_realm("lynx9", routes)), CALLS)
    logging.disable(logging.NOTSET)


@pytest.mark.slow
def test_nothing_of_one_organization_reaches_the_other(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    @settled()
    @given(seeds=lists(integers(0, 2**32 - 1), min_size=STEPS, max_size=STEPS))
    def hold(seeds: list[int]) -> None:
        TwoOrganizations(stage).run(seeds)

    hold()

    with capsys.disabled():
        print(f"\n{stage.swapped.total()} calls with something of the other: {stage.told()}")
    assert stage.is_over
    assert stage.uncalled() == set()
