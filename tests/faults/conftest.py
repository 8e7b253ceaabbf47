"""One running console over the stand-in, shared by all rounds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.faults import faults
from tests.faults.consoles import STANDIN, standin_console
from tests.faults.rounds import Rounds
from tests.faults.world import World


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """With a short path, which others may pass."""
    folder = Path(mkdtemp(prefix="astro-faults-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def world(folder: Path) -> Iterator[World]:
    with standin_console(folder / "data") as world:
        yield world


@pytest.fixture(scope="session")
def rounds(world: World) -> Rounds:
    return Rounds(world, kind=STANDIN)


@pytest.fixture
def clock(world: World) -> Iterator[None]:
    """Set right again afterwards, which is a jump of its own."""
    if not faults.has_clock(world):
        pytest.skip("no C compiler for the clock: install gcc and libc6-dev")
    yield
    faults.set_clock(world, 0)
