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
from dataclasses import dataclass, replace
from pathlib import Path

MARKER = "ASTRO_UI_DEPLOYMENT"
"""The variable in the environment of every process of a Deployment; its value is the id."""
CLUSTER_MARKER = "ASTRO_UI_CLUSTER"
"""Beside it: whose Deployment that is. Several agents may share a machine."""


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
    is_stopped: bool = False

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


def cluster_mark(folder: Path) -> str:
    """The value of `CLUSTER_MARKER` for the cluster in `folder`.

    With the file system's own number: processes of a container may have the same path elsewhere.
    """
    found = folder.stat()
    return f"{found.st_dev}:{found.st_ino}:{folder}"


def marks(deployment_id: str, cluster: str) -> dict[str, str]:
    """What every process of a Deployment has in its environment."""
    return {MARKER: deployment_id, CLUSTER_MARKER: cluster}


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
        is_stopped=state == "T",
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
    # As the kernel shows them: an operator may have moved them to another disk
    folder, environments = mark.home.parent.resolve(), mark.environments.resolve()
    mark = replace(mark, home=folder / mark.home.name, environments=environments)
    running = everything()
    leaders = {pid for pid, started in mark.leaders if is_alive((pid, started))}
    ours = {each.pid for each in running if each.name in known or _carries(each, mark, leaders)}
    spared = _lineage(running)
    found = family(ours, running) - spared
    return [each for each in running if each.pid in found]


def children(pid: int) -> set[int]:
    """Direct ones, the dead that nobody has buried included."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return {one for one in pids if (found := read(one)) and found.parent == pid}


def below(pid: int) -> list[Process]:
    """All that descend from a process."""
    running = everything()
    found = family({pid}, running) - {pid}
    return [each for each in running if each.pid in found]


def environment(pid: int) -> dict[str, str]:
    """As the process was started with; empty where that cannot be read."""
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in content.split("\0"))
    return {name: value for name, _, value in pairs if name}


def command(pid: int) -> str:
    """What a listing of processes shows of it."""
    try:
        content = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
    return content.replace("\0", " ").strip()[:200]


def end(find: Callable[[], Iterable[Process]], *, grace: float, patience: float = 10) -> bool:
    """End whatever `find` finds: politely, after `grace` seconds by force.

    Looks again each time, since a dying process may start another. True when none is left.
    """
    polite, last = time.monotonic() + grace, time.monotonic() + grace + patience
    asked: set[tuple[int, int]] = set()
    while True:
        began = time.monotonic()
        if not (remaining := list(find())):
            return True
        now = time.monotonic()
        if now > last:
            return False
        for process in remaining:
            if now >= polite:
                send(process, signal.SIGKILL)
            elif process.name not in asked:
                send(process, signal.SIGTERM)
                asked.add(process.name)
        # Among many processes a look is work: several that end at once leave room for others
        time.sleep(max(0.05, now - began))


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
    if process.session in leaders:
        return True
    named = environment(process.pid).get(MARKER)
    if named:  # another agent on this machine may have given the same user
        return named == mark.deployment_id
    if mark.uid and process.uid == mark.uid:
        return True
    return bool(workplace(process.pid, mark.home.parent, mark.environments))


def workplace(pid: int, folder: Path, environments: Path) -> str:
    """The name of the part of `folder` in which a process works with code of `environments`.

    A shell that somebody opened there is not ours; an Airflow without marker is.
    """
    try:
        # As text: this is asked of each process of the machine, and paths are slow to make
        here = os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115
        if not here.startswith(f"{folder}/"):
            return ""
        is_ours = str(environments) in Path(f"/proc/{pid}/maps").read_text(errors="replace")
    except OSError:
        return ""
    return here.removeprefix(f"{folder}/").partition("/")[0] if is_ours else ""


def family(pids: Set[int], running: Iterable[Process]) -> set[int]:
    """These, and all that descend from them."""
    found = set(pids)
    while more := {each.pid for each in running if each.parent in found} - found:
        found |= more
    return found


def _lineage(running: list[Process]) -> set[int]:
    parents = {each.pid: each.parent for each in running}
    spared, pid = set(), os.getpid()
    while pid and pid not in spared:
        spared.add(pid)
        pid = parents.get(pid, 0)
    return spared
