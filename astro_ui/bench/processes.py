"""What process trees cost: honest memory (PSS) and processor time."""

from __future__ import annotations

import time

import psutil

from astro_ui.bench.standalone import cpu_of

_MIB = 1024 * 1024


def pss_mib(pids: list[int]) -> float:
    """Proportional set size: a page that several processes share counts once in all."""
    total = 0
    for pid in pids:
        try:
            total += psutil.Process(pid).memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / _MIB


def tree(pid: int) -> list[int]:
    leader = psutil.Process(pid)
    return [pid, *(child.pid for child in leader.children(recursive=True))]


def cores(pid: int, *, seconds: float) -> float:
    """Processor time of a tree over a while, as a share of one core."""
    before = cpu_of(pid)
    time.sleep(seconds)  # the measured time itself
    return (cpu_of(pid) - before) / seconds
