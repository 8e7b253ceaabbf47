"""Running a server that refuses to be root, for a console that was started as root.

It runs under a user number that no account has, so no other service of the machine can touch its
files, and without any capability. Data and checkout may lie where that user cannot pass (root's
home): it is handed its folder open, and no folder above is opened to others.
"""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

SERVER_UID = 60999
"""From the numbers that systemd's list leaves unused; containers map it as well."""
_KNOWN = ("nobody", "daemon", "bin")


def is_needed() -> bool:
    return os.geteuid() == 0


def known_uid() -> int:
    """A user that has an entry in the password database: `initdb` asks for its name."""
    for name in _KNOWN:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError(
        f"PostgreSQL cannot be set up as root without one of the accounts {', '.join(_KNOWN)}. "
        "Start the console as an ordinary user, or set DATABASE_URL."
    )


def command(argv: list[str], *, folder: Path) -> list[str]:
    """The command line that runs `argv` as the owner of `folder`, which it may name."""
    if not is_needed():
        return argv
    helper = Path(__file__).with_name("become.py")
    return [sys.executable, str(helper), str(folder), *argv]


def give(folder: Path, uid: int) -> None:
    """Make `uid` the owner of the folder and of all that is in it."""
    os.chown(folder, uid, uid)
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(path, name), uid, uid, follow_symlinks=False)


def is_passable(path: Path) -> bool:
    """Can every user reach this path through the folders above it?"""
    return all(
        folder.stat().st_mode & 0o001 for folder in path.resolve().parents if folder.exists()
    )
