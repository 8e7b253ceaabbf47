"""One operating-system user for each Deployment, where the agent is root."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from .settings import Place


def can_enter(uid: int, needs: Iterable[Path]) -> bool:
    """Can a user without any rights of their own reach all of these paths?"""
    return bool(uid) and all(_is_open(path) for path in needs)


def closed_folder(path: Path) -> Path | None:
    """The first folder on the way to `path` that others cannot pass."""
    return next((each for each in reversed((path, *path.parents)) if not _is_passable(each)), None)


def give_folders(place: Place, *, uid: int) -> None:
    """Lay out the Deployment's folder: `home` is its user's, all else is ours and read-only."""
    owner = (uid, uid) if uid else (-1, -1)
    ours = (0, uid) if uid else (-1, -1)
    for folder, mode in ((place.root, 0o750), (place.deploys, 0o750)):
        _own(folder, mode, ours)
    for folder in (place.logs, place.supervisor):
        _own(folder, 0o700, (-1, -1))
    if place.home.is_dir() and uid and place.home.stat().st_uid != uid:
        _give_all(place.home, uid)
    _own(place.home, 0o700, owner)


def _own(folder: Path, mode: int, owner: tuple[int, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
    os.chown(folder, *owner)


def _give_all(folder: Path, uid: int) -> None:
    """By open folders and never through a link, since the content is its authors' own.

    A file with a second name stays whose it is: the other name may be outside.
    """
    former = folder.stat().st_uid
    for _, folders, files, handle in os.fwalk(folder):
        for name in (*folders, *files):
            seen = os.stat(name, dir_fd=handle, follow_symlinks=False)
            is_single = stat.S_ISDIR(seen.st_mode) or seen.st_nlink == 1
            if seen.st_uid == former and is_single:
                os.chown(name, uid, uid, dir_fd=handle, follow_symlinks=False)


def _is_open(path: Path) -> bool:
    return closed_folder(path.resolve()) is None


def _is_passable(path: Path) -> bool:
    if not path.exists():
        return True
    needed = stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    return bool(path.stat().st_mode & needed)
