"""Runs each test again without each guard that refused it something, until one misses the guard."""

from __future__ import annotations

import os
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from tests.mutations import guards, record, switch
from tests.mutations.equivalent import reason

MOST_TRIES = 30
"""Tests of one module that may see a guard at work without missing it."""

guards.install()
_tries: Counter[tuple[str, str]] = Counter()
_repeats: dict[str, bool] = {}
"""By test, whether it passes a second time."""
_unseen: list[str] = []
"""Guards that no test is known to miss."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First the tests that missed something last time."""
    sharp = set(record.read().values())
    items.sort(key=lambda item: item.nodeid not in sharp)


def pytest_collection_finish(session: pytest.Session) -> None:
    guards.load_all()
    _note("known", *switch.known)
    _unseen[:] = sorted(guard for guard in switch.known if reason(guard) is None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    switch.passed.clear()
    switch.forget()
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = _run(item, log=True)
    if all(report.outcome != "failed" for report in reports):
        for guard in sorted(switch.passed):
            _try_without(guard, item)
    item.session._setupstate.teardown_exact(nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    if not _open():
        item.session.shouldstop = "every guard is missed by a test"
    return True


def _open() -> list[str]:
    """What no test misses yet, in this worker or another."""
    _unseen[:] = [guard for guard in _unseen if not _path("missed", guard).exists()]
    return _unseen


def _try_without(guard: str, item: pytest.Item) -> None:
    tried = (guard, item.nodeid.partition("::")[0])
    if _path("missed", guard).exists() or _tries[tried] >= MOST_TRIES:
        return
    _tries[tried] += 1
    _note("tried", guard)
    if _fails(item, guard) and _passes_again(item):
        _path("missed", guard).write_text(f"{guard}\n{item.nodeid}")


def _passes_again(item: pytest.Item) -> bool:
    """A test that cannot be run twice says nothing."""
    if item.nodeid not in _repeats:
        _repeats[item.nodeid] = not _fails(item, "")
    return _repeats[item.nodeid]


def _fails(item: pytest.Item, guard: str) -> bool:
    item._initrequest()  # type: ignore[attr-defined]  # as for a first run
    with switch.without(guard):
        reports = _run(item, log=False)
    return any(report.outcome == "failed" for report in reports)


def _run(item: pytest.Item, *, log: bool) -> list[pytest.TestReport]:
    """Once, as if another test of its module came next: what the module shares stays."""
    return runtestprotocol(item, log=log, nextitem=item.parent)  # type: ignore[arg-type]


def _note(kind: str, *found: str) -> None:
    for guard in found:
        if (kind, guard) not in _noted:
            _noted.add((kind, guard))
            _path(kind, guard).write_text(guard)


_noted: set[tuple[str, str]] = set()


def _path(kind: str, guard: str) -> Path:
    return Path(os.environ[switch.FOLDER]) / kind / sha256(guard.encode()).hexdigest()[:24]
