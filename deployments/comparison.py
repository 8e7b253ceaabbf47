"""What differs between two versions of a project on disk."""

from __future__ import annotations

import difflib
import filecmp
from dataclasses import dataclass
from pathlib import Path

from deployments.archives import files

_LONGEST_TEXT_BYTES = 512 * 1024
_MOST_LINES = 2_000


@dataclass(frozen=True)
class Difference:
    """Paths relative to the project, sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True)
class Line:
    """One line of a text difference; `kind` is added, removed, place or same."""

    kind: str
    text: str


_KINDS = {"+": "added", "-": "removed", "@": "place"}


def compare(former: Path | None, latter: Path | None) -> Difference:
    """Compare by content; a missing folder is an empty one."""
    before, after = _names(former), _names(latter)
    if former is None or latter is None or former == latter:
        both: set[str] = set()
    else:
        both = {name for name in before & after if not _is_same(former / name, latter / name)}
    added, removed = after - before, before - after
    return Difference(tuple(sorted(added)), tuple(sorted(both)), tuple(sorted(removed)))


def text_difference(former: Path | None, latter: Path | None, name: str) -> list[Line] | None:
    """The lines that differ, with three around each; None where the file is no short text.

    `name` must come from `compare`: it is not checked against paths that lead out.
    """
    before, after = _text(former, name), _text(latter, name)
    if before is None or after is None:
        return None
    found = difflib.unified_diff(before, after, lineterm="", n=3)
    lines = [line for line in found if not line.startswith(("---", "+++"))]
    return [Line(_KINDS.get(line[:1], "same"), line.rstrip("\n")) for line in lines[:_MOST_LINES]]


def _names(folder: Path | None) -> set[str]:
    return set(files(folder)) if folder is not None and folder.is_dir() else set()


def _is_same(one: Path, other: Path) -> bool:
    return filecmp.cmp(one, other, shallow=False)


def _text(folder: Path | None, name: str) -> list[str] | None:
    path = folder / name if folder is not None else None
    if path is None or not path.is_file():
        return []
    if path.stat().st_size > _LONGEST_TEXT_BYTES:
        return None
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return None
