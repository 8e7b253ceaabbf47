"""How many loaded Airflows wait: two while they are used, and one while nothing is awake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deployments.provisioners.local.nursery import Nursery, Parent, surplus

from .cluster import until


@pytest.mark.parametrize(
    ("asked", "in_use", "ended"),
    [
        ("", "", ""),
        ("a", "", ""),
        ("ab", "", "a"),
        ("ab", "b", "a"),
        ("ab", "a", ""),
        ("abc", "ab", "a"),
        ("abc", "ac", "b"),
        ("abc", "abc", "a"),
    ],
)
def test_the_last_one_stays_and_one_that_is_used(asked: str, in_use: str, ended: str) -> None:
    assert surplus(asked, set(in_use)) == list(ended)


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path)
    yield nursery
    nursery.close()


def _parent(folder: Path, name: str) -> Parent:
    """One that never answers, like one that is still loading."""
    python = folder / name
    python.write_text("#!/bin/sh\nexec sleep 600\n")
    python.chmod(0o700)
    return Parent(python, folder, {"PARENT": name, "PATH": "/usr/bin:/bin"})


def _loaded() -> set[str]:
    """Told apart by their environment."""
    found = set()
    for child in psutil.Process().children():
        try:
            found.add(child.environ().get("PARENT", ""))
        except psutil.Error:
            continue
    return found - {""}


def test_two_wait_while_both_are_used_and_one_once_all_sleep(
    nursery: Nursery, tmp_path: Path
) -> None:
    first, second = _parent(tmp_path, "first"), _parent(tmp_path, "second")
    assert nursery.fork(first, {}, user="comet") is None
    assert nursery.fork(second, {}, user="planet") is None
    until(lambda: _loaded() == {"first", "second"}, "both load", seconds=10)
    nursery.release("comet")
    assert _loaded() == {"second"}
    nursery.release("planet")
    assert _loaded() == {"second"}


def test_a_former_runtime_does_not_wait_for_nobody(nursery: Nursery, tmp_path: Path) -> None:
    nursery.warm(_parent(tmp_path, "first"))
    nursery.fork(_parent(tmp_path, "second"), {}, user="comet")
    until(lambda: _loaded() == {"second"}, "only the used one", seconds=10)


def test_who_is_asked_for_again_counts_as_the_last(nursery: Nursery, tmp_path: Path) -> None:
    first, second = _parent(tmp_path, "first"), _parent(tmp_path, "second")
    nursery.fork(first, {}, user="comet")
    nursery.fork(second, {}, user="planet")
    nursery.fork(first, {}, user="comet")
    nursery.release("planet")
    nursery.release("comet")
    until(lambda: _loaded() == {"first"}, "the last one asked for", seconds=10)
