"""One program of a process tree: what is started, as whom, with which environment."""

from __future__ import annotations

import ctypes
import json
import os
import resource
from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..wire import decode, encode
from . import processes
from .processes import CLUSTER_MARKER, marks

UMASK = 0o027
MOST_PROCESSES = 4096
"""Processes and threads of one Deployment together, where it has a user of its own."""
KILLED_FIRST = 500
"""Short of memory, the kernel ends a task before it ends the console or PostgreSQL."""
PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True)
class Program:
    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    """All that it gets: secrets of other programs stay out of it."""
    deployment_id: str
    folder: Path
    uid: int = 0
    """Its user and group; 0 keeps that of the agent."""
    runs_tasks: bool = False
    """What tasks leave behind, in whichever session, ends with this program's life."""

    def save(self, path: Path) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(encode(self), file)

    @classmethod
    def load(cls, path: Path) -> Program:
        return decode(cls, json.loads(path.read_text(encoding="utf-8")))


def become(path: Path, *, siblings: Set[int] = frozenset()) -> Program:
    """Turn this fresh child of a supervisor into the program's process, all but the code.

    Ends what an earlier life of the same program left behind, then gives up the agent's rights.
    `siblings` are the children that the supervisor itself started.
    """
    program = Program.load(path)
    _end_former_life(path.with_suffix(".life"), siblings if program.runs_tasks else None)
    os.umask(UMASK)
    if program.uid:
        _become_user(program.uid)
    # Not before: with its folder current, an import would take code from there as the agent
    os.chdir(program.folder)
    return program


def _become_user(uid: int) -> None:
    """For good: neither a program that would raise rights nor more processes than allowed."""
    with suppress(OSError):  # a container may forbid it
        Path("/proc/self/oom_score_adj").write_text(str(KILLED_FIRST), encoding="ascii")
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    most = MOST_PROCESSES if hard == resource.RLIM_INFINITY else min(hard, MOST_PROCESSES)
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def execute(program: Program) -> None:
    """Replace this process; returns only by an exception."""
    os.execve(program.argv[0], list(program.argv), environment_of(program))  # noqa: S606


def environment_of(program: Program) -> dict[str, str]:
    """Its own, with the marks of its Deployment; called below the Deployment's supervisor."""
    cluster = os.environ.get(CLUSTER_MARKER, "")
    return {**program.environment, **marks(program.deployment_id, cluster)}


def lives(path: Path) -> int:
    """How often the program whose file is `path` has been started since `forget_lives`."""
    try:
        return len(path.with_suffix(".life").read_text(encoding="utf-8").splitlines())
    except OSError:
        return 0


def recorded_lives(folder: Path) -> tuple[tuple[int, int], ...]:
    """(pid, started) of every start of every program since `forget_lives`."""
    return tuple(life for path in folder.glob("*.life") for life in _read_lives(path))


def forget_lives(folder: Path) -> None:
    for path in folder.glob("*.life"):
        path.unlink()


def _end_former_life(lives_path: Path, siblings: Set[int] | None) -> None:
    """A killed scheduler leaves its workers and log server, which hold ports and tasks."""
    me = processes.read(os.getpid())
    if me is None:
        return
    former = _read_lives(lives_path)
    processes.end(lambda: _leftovers(former, me, siblings), grace=1)
    with lives_path.open("a", encoding="utf-8") as file:
        file.write(f"{me.pid} {me.started}\n")


def _read_lives(path: Path) -> list[tuple[int, int]]:
    if not path.exists():
        return []
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return [(int(pid), int(started)) for pid, started in lines]


def _leftovers(
    former: list[tuple[int, int]], me: processes.Process, siblings: Set[int] | None
) -> list[processes.Process]:
    """Who is still in the session of a former life, and below our own supervisor.

    With `siblings` also whoever escaped into a session of its own: it became a child of the
    supervisor, which never started it.
    """
    sessions = {pid: started for pid, started in former if pid != me.pid}
    below = processes.below(me.parent)
    found = {
        each.pid
        for each in below
        if each.session in sessions and sessions[each.session] <= each.started <= me.started
    }
    if former and siblings is not None:
        handed = {each.pid for each in below if each.parent == me.parent} - siblings
        found |= {each.pid for each in below if each.pid in handed and each.started < me.started}
    family = processes.family(found, below) - {me.pid}
    return [each for each in below if each.pid in family]
