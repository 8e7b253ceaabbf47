"""What process trees cost: honest memory (PSS) and processor time."""

from __future__ import annotations

import time
from contextlib import suppress

import psutil

from astro_ui.bench.standalone import cpu_of
from astro_ui.up.forking import AUTOGROUP, GO_FIRST

_MIB = 1024 * 1024


def stand_beside() -> None:
    """Give this process the turns that the console's own have, as far as it may.

    Clients of a real console have machines of their own. Here they would be sent to the end of the
    queue by the priority that the console takes (`astro_ui.up.forking`), and how long they wait for
    the processor to read an answer would be counted as the console's.
    """
    with suppress(OSError):
        AUTOGROUP.write_text(GO_FIRST, encoding="utf-8")


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
