"""Deploys on disk: immutable versions, one of which the link `current` names.

Airflow parses a DAG file anew when its modification time is later than the last parse, and a new
version of the bundle alone changes nothing. So unchanged files are hard links that keep their
times, changed ones get a new time, and when a file that others import has changed every DAG file
gets one.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ..base import DeploySource, ProvisionerError
from .settings import Place

EMPTY = "empty"
"""The version that is current before the first deploy."""
KEPT = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_IMPORT = re.compile(rb"^\s*(?:from|import)\s+(.+)$", re.MULTILINE)
_WORD = re.compile(rb"\w+")


@dataclass(frozen=True)
class Change:
    """What a switch means for Airflow; files are relative to `dags/`."""

    version: str
    at: float
    changed: tuple[str, ...] = ()
    """To be parsed anew."""
    removed: tuple[str, ...] = ()


def fetch(source: DeploySource, place: Place) -> None:
    """Copy a version to this Deployment; does nothing when it is there already."""
    target = _folder(place, source.version)
    if target.exists():
        return
    if not source.path.is_dir():
        raise ProvisionerError(
            f"The files of deploy {source.version} are gone from {source.path}.",
            remedy="Deploy the project again.",
            permanent=True,
        )
    draft = place.deploys / f".{source.version}.draft"
    remove_tree(draft)
    former = active_folder(place)
    for file in _files(source.path):
        _place_file(source.path / file, draft / file, former / file)
    (draft / "dags").mkdir(parents=True, exist_ok=True)
    for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    draft.rename(target)


def label(source: DeploySource, place: Place) -> None:
    """Tell Airflow's footer what a person calls this version."""
    labels = place.root / "labels"
    labels.mkdir(mode=0o755, exist_ok=True)
    (labels / source.version).write_text(source.label or source.version, encoding="utf-8")


def switch(place: Place, version: str) -> Change:
    """Make `version` current, in one step; the times of files tell Airflow what to parse."""
    target, former = _folder(place, version), active_folder(place)
    now = time.time()
    changed, removed = _compare(former, target)
    dags = {name for name in _files(target / "dags") if name.endswith(".py")}
    in_dags = {name.removeprefix("dags/") for name in changed if name.startswith("dags/")}
    stale = dags if _is_shared(target, changed) else dags & in_dags
    for name in stale:
        moment = now if name in in_dags else now - 1
        os.utime(target / "dags" / name, (moment, moment))
    link = place.root / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(target.relative_to(place.root))
    link.replace(place.current)
    gone = tuple(sorted(name.removeprefix("dags/") for name in removed))
    return Change(version=version, at=now, changed=tuple(sorted(stale)), removed=gone)


def ensure_current(place: Place) -> None:
    """Before the first deploy, Airflow serves an empty folder."""
    if not place.current.is_symlink():
        (place.deploys / EMPTY / "dags").mkdir(parents=True, exist_ok=True)
        label(DeploySource(EMPTY, place.deploys, "no deploy yet"), place)
        switch(place, EMPTY)


def prune(place: Place, versions: tuple[str, ...], *, in_use: set[str]) -> tuple[str, ...]:
    """Remove old versions that nothing needs; answers those that remain, oldest first."""
    keep = {*versions[-KEPT:], *in_use, active_folder(place).name}
    for version in versions:
        if version not in keep:
            remove_tree(_folder(place, version))
    return tuple(version for version in versions if version in keep)


def active_folder(place: Place) -> Path:
    return place.root / (place.current.readlink() if place.current.is_symlink() else EMPTY)


def remove_tree(path: Path) -> None:
    """Remove a folder however deep it is, read-only parts included; already gone is success.

    Never through a link or by a name that its owner could exchange meanwhile. Raises
    CalledProcessError when something stays.
    """
    if not path.exists():
        return
    if os.geteuid() != 0:  # root may remove from a folder that nobody can write
        for _, _, _, handle in os.fwalk(path):
            os.fchmod(handle, 0o700)
    # `shutil.rmtree` holds a file open for each level, and whoever writes here may make thousands
    subprocess.run(["/bin/rm", "-rf", "--", str(path)], check=True)


def _folder(place: Place, version: str) -> Path:
    if not _NAME.fullmatch(version):
        raise ProvisionerError(f"{version!r} is no name for a deploy.", permanent=True)
    return place.deploys / version


def _files(root: Path) -> list[str]:
    """Regular files only: a link could lead out of the project, and bytecode is no part of it."""
    return [
        str(path.relative_to(root))
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    ]


def _place_file(source: Path, target: Path, former: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if former.is_file() and filecmp.cmp(source, former, shallow=False):
        os.link(former, target)
        return
    shutil.copyfile(source, target)
    target.chmod(0o444)


def _compare(former: Path, target: Path) -> tuple[set[str], set[str]]:
    """Names that are new or differ, and those of DAG files that are gone."""
    before = set(_files(former)) if former.exists() else set()
    after = set(_files(target))
    same = {name for name in before & after if _is_same(former / name, target / name)}
    removed = {name for name in before - after if name.startswith("dags/")}
    return after - same, {name for name in removed if name.endswith(".py")}


def _is_same(one: Path, other: Path) -> bool:
    return one.samefile(other) or filecmp.cmp(one, other, shallow=False)


def _is_shared(target: Path, changed: set[str]) -> bool:
    """May another DAG file depend on one of these? Data files may be read by any of them."""
    python = {name for name in changed if name.endswith(".py")}
    if changed - python:
        return True
    if any(not name.startswith("dags/") for name in python):
        return True
    modules = {_module(name).encode() for name in python}
    return any(
        (modules - {_module(name).encode()}) & _imported(target / name)
        for name in _files(target)
        if name.endswith(".py")
    )


def _module(name: str) -> str:
    """The word by which others import a file; a package goes by its folder."""
    path = Path(name)
    return path.parent.name if path.stem == "__init__" else path.stem


def _imported(path: Path) -> set[bytes]:
    words: set[bytes] = set()
    for line in _IMPORT.findall(path.read_bytes()):
        words.update(_WORD.findall(line))
    return words
