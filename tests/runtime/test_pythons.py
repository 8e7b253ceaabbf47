"""A runtime whose Python is absent says so."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from runtime import catalogue, pythons


def test_finds_an_interpreter_that_has_a_lock() -> None:
    choice = pythons.find_python(catalogue.get("3.3-8"), shared=False)
    assert choice.path is not None
    assert choice.version in {"3.11", "3.12"}
    assert choice.reason == ""


def test_no_interpreter_names_the_versions_that_would_do() -> None:
    release = replace(catalogue.get("3.3-8"), python_versions=("3.98", "3.99"))
    choice = pythons.find_python(release)
    assert choice.path is None
    assert choice.reason == "Python 3.98 or 3.99 is not installed on this machine."


def test_a_build_without_a_lock_says_so() -> None:
    choice = pythons.find_python(catalogue.get("3.0-18"))
    assert choice.path is None
    assert "no dependency lock" in choice.reason


def test_a_private_interpreter_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pythons, "is_readable_by_all", lambda _: False)
    choice = pythons.find_python(catalogue.get("3.3-8"), shared=True)
    assert choice.path is None
    assert "can be run by its owner only" in choice.reason


def test_readable_by_all_looks_at_every_folder(tmp_path: Path) -> None:
    program = tmp_path / "inner" / "python"
    program.parent.mkdir(mode=0o700)
    program.write_bytes(b"")
    program.chmod(0o755)
    assert not pythons.is_readable_by_all(program)
    assert pythons.is_readable_by_all(Path("/usr/bin/env"))


def test_this_python_is_among_the_candidates() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert next(iter(pythons._candidates(version))).parent == Path(sys.base_prefix) / "bin"
