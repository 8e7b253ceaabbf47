"""Which processes of this machine belong to a Deployment, and how they end. Linux only.

Airflow's own hooks start sessions, rewrite their titles and clear their environment, so no single
mark is enough; and a bare process id says nothing, since ids are reused. A process is ours when it
carries one of the marks of `Mark`, and it is signalled only while it is still the same process.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARKER = "ASTRO_UI_DEPLOYMENT"
"""The variable in the environment of every process of a Deployment; its value is the id."""


@dataclass(frozen=True)
class Process:
    pid: int
    started: int
    """Clock ticks after the machine's start: with `pid` it names one process for ever."""
    parent: int = 0
    group: int = 0
    session: int = 0
    uid: int = 0
    is_zombie: bool = False

    @property
    def name(self) -> tuple[int, int]:
        return self.pid, self.started


@dataclass(frozen=True)
class Mark:
    """What tells the processes of one Deployment from all others."""

    deployment_id: str
    home: Path
    environments: Path
    """Shared by all Deployments; who works in `home` with code from here is ours."""
    uid: int = 0
    """The Deployment's own user; 0 when it has none."""
    leaders: tuple[tuple[int, int], ...] = ()
    """(pid, started) of supervisor and programs: a living one's session, and all below, is ours."""


def read(pid: int) -> Process | None:
    """Look at one process; None when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        uid = Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return None
    state, parent, group, session, *rest = stat.rpartition(")")[2].split()
    return Process(
        pid=pid,
        started=int(rest[15]),
        parent=int(parent),
        group=int(group),
        session=int(session),
        uid=uid,
        is_zombie=state in {"Z", "X"},
    )


def is_alive(name: tuple[int, int]) -> bool:
    found = read(name[0])
    return found is not None and found.started == name[1] and not found.is_zombie


def everything() -> list[Process]:
    """Every process of this machine that still runs."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    found = [process for pid in pids if (process := read(pid))]
    return [process for process in found if not process.is_zombie]


def belonging(mark: Mark, known: Set[tuple[int, int]] = frozenset()) -> list[Process]:
    """The Deployment's processes with all that descend from them; never this one or its parents.

    `known` names processes that were found earlier.
    """
    running = everything()
    leaders = {pid for pid, started in mark.leaders if is_alive((pid, started))}
    ours = {each.pid for each in running if each.name in known or _carries(each, mark, leaders)}
    spared = _lineage(running)
    family = _family(ours, running) - spared
    return [each for each in running if each.pid in family]


def below(pid: int) -> list[Process]:
    """All that descend from a process."""
    running = everything()
    family = _family({pid}, running) - {pid}
    return [each for each in running if each.pid in family]


def end(find: Callable[[], Iterable[Process]], *, grace: float, patience: float = 10) -> bool:
    """End whatever `find` finds: politely, after `grace` seconds by force.

    Looks again each time, since a dying process may start another. True when none is left.
    """
    polite, last = time.monotonic() + grace, time.monotonic() + grace + patience
    asked: set[tuple[int, int]] = set()
    while remaining := list(find()):
        now = time.monotonic()
        if now > last:
            return False
        for process in remaining:
            if now >= polite:
                send(process, signal.SIGKILL)
            elif process.name not in asked:
                send(process, signal.SIGTERM)
                asked.add(process.name)
        time.sleep(0.05)
    return True


def send(process: Process, number: signal.Signals) -> None:
    """Signal exactly this process, or nobody when it has gone meanwhile."""
    with suppress(OSError):
        handle = os.pidfd_open(process.pid)
        try:
            if is_alive(process.name):
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def _carries(process: Process, mark: Mark, leaders: set[int]) -> bool:
    if process.session in leaders or (mark.uid and process.uid == mark.uid):
        return True
    return _has_marker(process.pid, mark.deployment_id) or _works_at_home(process.pid, mark)


def _has_marker(pid: int, deployment_id: str) -> bool:
    wanted = f"{MARKER}={deployment_id}".encode()
    try:
        return wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _works_at_home(pid: int, mark: Mark) -> bool:
    """A shell that somebody opened in the folder is not ours; an Airflow without marker is."""
    try:
        folder = Path(f"/proc/{pid}/cwd").readlink()
        if not folder.is_relative_to(mark.home):
            return False
        return str(mark.environments) in Path(f"/proc/{pid}/maps").read_text(errors="replace")
    except OSError:
        return False


def _family(pids: set[int], running: list[Process]) -> set[int]:
    family = set(pids)
    while more := {each.pid for each in running if each.parent in family} - family:
        family |= more
    return family


def _lineage(running: list[Process]) -> set[int]:
    parents = {each.pid: each.parent for each in running}
    spared, pid = set(), os.getpid()
    while pid and pid not in spared:
        spared.add(pid)
        pid = parents.get(pid, 0)
    return spared
