"""Processes of ours that a kill -9 left behind. Found by mark or pid file, never by name."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

MARK = "ASTRO_UI_INSTANCE"
_PATIENCE_S = 10.0


def find(instance: str) -> list[psutil.Process]:
    """Every process that carries the mark of this data directory, except this one."""
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in spared and _mark_of(process) == instance
    ]


def end(processes: list[psutil.Process], *, patience_s: float = _PATIENCE_S) -> None:
    """TERM, patience, KILL. psutil compares start times, so a reused pid is safe."""
    for process in processes:
        _send(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=patience_s)
    for process in alive:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=_PATIENCE_S)


def end_server(
    pid_file: Path,
    is_ours: Callable[[psutil.Process], bool],
    signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGKILL),
    *,
    patience_s: float = _PATIENCE_S,
) -> None:
    """End the server that a pid file names, if that process really is ours; patient in between."""
    try:
        process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        if not is_ours(process):
            return
    except (psutil.Error, OSError, ValueError, IndexError):
        return
    for number in signals:
        _send(process, number)
        if not psutil.wait_procs([process], timeout=patience_s)[1]:
            return


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except psutil.Error:
        return None


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
