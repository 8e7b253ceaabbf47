"""What differs between two deploys, as far as DAG files must be parsed again."""

from __future__ import annotations

import filecmp
from collections.abc import Iterator
from pathlib import Path

_GENERATED = {"__pycache__"}


def changed_paths(before: Path, after: Path, dag_files: set[Path]) -> set[Path]:
    """Which DAG files, relative to `dags/`, differ; all of them when anything else does.

    Anything else is a module or a data file, which any DAG may read.
    """
    shared = _shared(before, dag_files) | _shared(after, dag_files)
    if any(_differs(before / path, after / path) for path in shared):
        return set(dag_files)
    return {path for path in dag_files if _differs(before / "dags" / path, after / "dags" / path)}


def _shared(root: Path, dag_files: set[Path]) -> set[Path]:
    """A file that only the older deploy has may have been a DAG: then all are parsed once more."""
    own = {Path("dags") / path for path in dag_files}
    return {path for path in _files(root) if path not in own}


def _files(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        if path.is_file() and not _GENERATED.intersection(path.parts):
            yield path.relative_to(root)


def _differs(before: Path, after: Path) -> bool:
    """A hard link is the same file without reading it."""
    try:
        return not (before.samefile(after) or filecmp.cmp(before, after, shallow=False))
    except OSError:
        return True
