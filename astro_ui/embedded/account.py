"""Running a server that refuses to be root."""

from __future__ import annotations

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

_CANDIDATES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """An unprivileged account of this machine, for a console that was started as root."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """The account under which PostgreSQL runs, or None when the console itself is not root.

    It must have an entry in the password database: `initdb` asks for its name.
    """
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise RuntimeError("no unprivileged account exists here: add one named postgres")


def command(account: Account | None, argv: list[str], *, reaching: tuple[Path, ...]) -> list[str]:
    """The command line that runs `argv` as `account`.

    Where that account cannot pass the folders above `reaching` (a clone in root's home), it
    keeps the one capability that lets it, instead of the folders being opened to everybody.
    """
    if account is None:
        return argv
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise RuntimeError("setpriv is missing: install the package util-linux")
    prefix = [setpriv, f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    if all(is_passable(path) for path in reaching):
        return [*prefix, "--inh-caps=-all", "--bounding-set=-all", *argv]
    return [*prefix, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", *argv]


def is_passable(path: Path) -> bool:
    """Can every user reach this path through the folders above it?"""
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)
