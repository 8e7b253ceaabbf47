"""A part that somebody stopped looks alive to its supervisor, and would stand for ever."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psutil


class Waker:
    """Lets go on what stands still at two looks in a row: the supervisor and its own children."""

    def __init__(self, supervisor: int) -> None:
        self._leader = psutil.Process(supervisor)
        self._before: set[psutil.Process] = set()

    def look(self) -> list[int]:
        """Look once; the ids of processes that go on now."""
        stopped = set(self._stopped())
        woken = [one.pid for one in stopped & self._before if _go_on(one)]
        self._before = stopped
        return woken

    def _stopped(self) -> Iterator[psutil.Process]:
        try:
            family = [self._leader, *self._leader.children()]
        except psutil.Error:
            return
        for one in family:
            try:
                if one.status() == psutil.STATUS_STOPPED:
                    yield one
            except psutil.Error:
                continue


def _go_on(process: psutil.Process) -> bool:
    try:
        process.send_signal(signal.SIGCONT)
    except psutil.Error:
        return False
    return True
