"""Building an environment: once, whole, for everybody, and with a reason when it fails."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runtime import catalogue, environment
from runtime.environment import EnvironmentBuildError

RELEASE = catalogue.get("3.3-8")
PYTHON = Path(sys.executable)

STAND_IN = """#!{python}
import os, pathlib, sys, time
log = pathlib.Path({log!r})
with log.open("a") as handle:
    handle.write(sys.argv[1] + "\\n")
if sys.argv[1] == "venv":
    folder = pathlib.Path(sys.argv[-1])
    (folder / "bin").mkdir(mode=0o700)
    (folder / "bin" / "python").write_text("")
    print("made a venv")
else:
    time.sleep(0.3)
    print({output!r})
    sys.exit({status})
"""


def stand_in(folder: Path, *, output: str = "installed", status: int = 0) -> Path:
    """A program in the place of uv, which notes each call."""
    program = folder / "uv"
    text = STAND_IN.format(
        python=sys.executable, log=str(folder / "calls"), output=output, status=status
    )
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = stand_in(tmp_path)
    monkeypatch.setattr(environment, "_uv", lambda: str(program))
    return program


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text(encoding="utf-8").split()


def ensure(root: Path) -> Path:
    return environment.ensure(RELEASE, python=PYTHON, root=root, log=lambda _: None)


@pytest.mark.usefixtures("uv")
def test_builds_once_and_then_finds_it(tmp_path: Path) -> None:
    first = ensure(tmp_path / "envs")
    assert ensure(tmp_path / "envs") == first
    assert first.name.startswith(f"3.3.2-py{sys.version_info.major}.{sys.version_info.minor}-")
    assert calls(tmp_path) == ["venv", "pip"]


@pytest.mark.usefixtures("uv")
def test_two_callers_at_once_build_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: ensure(tmp_path / "envs"), range(4)))
    assert len(paths) == 1
    assert calls(tmp_path) == ["venv", "pip"]


@pytest.mark.usefixtures("uv")
def test_what_a_killed_build_left_is_removed_and_never_taken(tmp_path: Path) -> None:
    root = tmp_path / "envs"
    target = environment.environment_path(
        RELEASE, python_version=f"{sys.version_info.major}.{sys.version_info.minor}", root=root
    )
    draft = root / f".{target.name}.killed"
    draft.mkdir(parents=True)
    target.mkdir()
    (target / "half").write_text("done")
    assert ensure(root) == target
    assert not draft.exists()
    assert not (target / "half").exists()


@pytest.mark.usefixtures("uv")
def test_everybody_reads_it_and_only_its_owner_writes_it(tmp_path: Path) -> None:
    built = ensure(tmp_path / "envs")
    for folder in (built, built / "bin"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("output", "cause", "remedy"),
    [
        (
            "error: Failed to fetch: https://index/simple/idna/\n  cause: Connection refused",
            "The package index cannot be reached.",
            "HTTPS_PROXY",
        ),
        (
            "error: Failed to download `idna==3.10`\n  cause: Hash mismatch for `idna==3.10`",
            "A package differs from the one that this runtime was locked with.",
            "mirror",
        ),
        (
            "error: Failed to build `hiredis==3`\n  cause: command 'gcc' failed: not found",
            "A package has no ready-made wheel for this machine and could not be compiled.",
            "build-essential",
        ),
        (
            "error: failed to copy: No space left on device (os error 28)",
            "The disk is full.",
            "1.5 GB",
        ),
        (
            "error: No solution found when resolving dependencies",
            "The package index does not have every package of this runtime.",
            "mirrors the public one",
        ),
        ("error: something new", "The environment could not be built: error: something new", "log"),
    ],
    ids=["network", "hash", "compiler", "disk", "missing", "other"],
)
def test_a_failure_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, cause: str, remedy: str
) -> None:
    program = stand_in(tmp_path, output=output, status=2)
    monkeypatch.setattr(environment, "_uv", lambda: str(program))
    with pytest.raises(EnvironmentBuildError) as caught:
        ensure(tmp_path / "envs")
    assert caught.value.cause == cause
    assert remedy in caught.value.remedy
    assert not [path for path in (tmp_path / "envs").iterdir() if path.is_dir()]


@pytest.mark.usefixtures("uv")
def test_too_little_space_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 9, 1))
    with pytest.raises(EnvironmentBuildError, match="The disk is full"):
        ensure(tmp_path / "envs")
    assert not (tmp_path / "calls").exists()


def test_a_python_that_does_not_start_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentBuildError, match="no-such-python does not start"):
        environment.ensure(
            RELEASE, python=tmp_path / "no-such-python", root=tmp_path, log=lambda _: None
        )


def test_the_plugin_is_copied_readable_under_a_name_of_its_content(tmp_path: Path) -> None:
    first = environment.install_plugin(tmp_path / "envs")
    assert environment.install_plugin(tmp_path / "envs") == first
    module = first / "astro_runtime" / "auth_manager.py"
    assert stat.S_IMODE(module.stat().st_mode) == 0o644
    assert stat.S_IMODE(module.parent.stat().st_mode) == 0o755
    assert (first / "astro_runtime-1.0.dist-info" / "entry_points.txt").exists()


@pytest.mark.airflow
@pytest.mark.slow
def test_a_second_environment_shares_its_files_by_hard_links(tmp_path: Path) -> None:
    """The real uv, from a warm cache on the same file system."""
    if os.environ.get("UV_CACHE_DIR"):
        pytest.skip("UV_CACHE_DIR decides where the cache is")
    built = ensure(tmp_path / "envs")
    module = next(built.glob("lib/*/site-packages/airflow/__init__.py"))
    cache = environment._cache(tmp_path / "envs")
    if cache.stat().st_dev == tmp_path.stat().st_dev:
        assert module.stat().st_nlink > 1
    assert list(module.parent.glob("__pycache__/__init__.*.pyc"))
