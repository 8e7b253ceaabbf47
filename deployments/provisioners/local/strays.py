"""Processes of this cluster that nobody keeps: found by looking again and again, then ended.

Ours is what the kernel or the process itself proves: it carries the mark of this very cluster
folder, or it became a child of the agent because whatever had started it died. What was found
must be found once more before it is ended, so that nothing in the middle of a start is hit.
"""

from __future__ import annotations

import logging
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from ..inventory import Stray
from . import processes
from .processes import CLUSTER_MARKER, MARKER, Process

log = logging.getLogger(__name__)
GRACE_SECONDS = 1.0
REMEMBERED = 50
Name = tuple[int, int]


@dataclass(frozen=True)
class Kept:
    """What the agent keeps of one Deployment."""

    is_down: bool
    """It sleeps or is gone, and all its processes have ended."""
    leaders: frozenset[Name] = frozenset()
    """Its supervisor and programs, which must never stand still."""


class Strays:
    """One look after another; `known` tells what is kept, `children` whom the agent started."""

    def __init__(
        self,
        cluster: Path,
        *,
        known: Callable[[], Mapping[str, Kept]],
        children: Callable[[], Set[int]],
    ) -> None:
        self._mark = processes.cluster_mark(cluster)
        self._deployments = cluster / "deployments"
        self._environments = cluster / "environments"
        self._known = known
        self._children = children
        self._suspects: dict[Name, str] = {}
        self._stopped: set[Name] = set()
        self._found: deque[Stray] = deque(maxlen=REMEMBERED)
        self._lock = Lock()

    def report(self) -> tuple[Stray, ...]:
        """Those that were found lately, the newest last."""
        with self._lock:
            return tuple(self._found)

    def look(self) -> None:
        """Find, end what was found twice, and let go on what somebody stopped."""
        running, kept = processes.everything(), self._known()
        found = self._find(running, kept)
        certain = {name: said for name, said in found.items() if name in self._suspects}
        self._suspects = found
        self._go_on(running, kept)
        if certain:
            self._end(running, certain)
        _reap(running, self._children())

    def _find(self, running: list[Process], kept: Mapping[str, Kept]) -> dict[Name, str]:
        """Each stray with the id of the Deployment that it names, if it names one."""
        me, session = os.getpid(), os.getsid(0)
        started = self._children()
        found = {}
        for each in running:
            if each.pid == me:
                continue
            deployment_id = self._claim(each)
            nobody_keeps = deployment_id and _is_unkept(kept.get(deployment_id))
            is_left = each.parent == me and each.session != session and each.pid not in started
            if nobody_keeps or is_left:
                found[each.name] = deployment_id
        return found

    def _claim(self, process: Process) -> str:
        """The Deployment that a process of this cluster names; empty for all others."""
        variables = processes.environment(process.pid)
        if variables.get(CLUSTER_MARKER) == self._mark:
            return variables.get(MARKER, "")
        # Forked from a loaded process it shows that one's environment
        return processes.workplace(process.pid, self._deployments, self._environments)

    def _go_on(self, running: list[Process], kept: Mapping[str, Kept]) -> None:
        """A supervisor or program that was stopped looks alive, and would stand for ever."""
        leaders = {name for each in kept.values() for name in each.leaders}
        stopped = {each for each in running if each.is_stopped and each.name in leaders}
        for each in stopped:
            if each.name in self._stopped:
                log.warning("process %s was stopped; it goes on", each.pid)
                processes.send(each, signal.SIGCONT)
        self._stopped = {each.name for each in stopped}

    def _end(self, running: list[Process], certain: Mapping[Name, str]) -> None:
        now = datetime.now(UTC)
        pids = {each.pid for each in running if each.name in certain}
        family = processes.family(pids, running) - {os.getpid()}
        names = {each.name for each in running if each.pid in family}
        met = [
            Stray(pid, processes.command(pid), deployment_id, now)
            for (pid, _), deployment_id in certain.items()
        ]
        for each in met:
            log.warning("nobody keeps process %s (%s); it is ended", each.pid, each.command)
        is_gone = processes.end(
            lambda: [each for each in processes.everything() if each.name in names],
            grace=GRACE_SECONDS,
        )
        with self._lock:
            self._found.extend(replace(each, is_ended=is_gone) for each in met)


def _is_unkept(kept: Kept | None) -> bool:
    return kept is None or kept.is_down


def _reap(running: list[Process], started: Set[int]) -> None:
    """Bury the dead that were handed to the agent; its own children it awaits itself."""
    alive = {each.pid for each in running}
    for pid in processes.children(os.getpid()) - alive - set(started):
        process = processes.read(pid)
        if process and process.is_zombie and process.session != os.getsid(0):
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue
