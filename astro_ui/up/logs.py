"""Shows the growing log files of several programs, each line with its program's name."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO

_LOOK_S = 0.4


class Follower:
    """Begins at the present end of each file and survives its rotation."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self._tails = [_Tail(folder / f"{name}.log", name) for name in names]
        self._width = max(map(len, names))
        self._over = Event()
        self._thread = Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Show what is left, then end."""
        self._over.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._over.wait(_LOOK_S):
            self._show()
        self._show()

    def _show(self) -> None:
        for tail in self._tails:
            for line in tail.read():
                print(f"{tail.name:<{self._width}} | {line}", flush=True)


class _Tail:
    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""
        if path.exists():
            self._file = path.open("rb")
            self._file.seek(0, 2)

    def read(self) -> list[str]:
        found = self._rest + self._new()
        if self._has_rotated():
            if self._file:
                self._file.close()
            self._file = self._path.open("rb")
            found += self._new()
        *lines, self._rest = found.split(b"\n")
        return [line.decode(errors="replace").rstrip() for line in lines]

    def _new(self) -> bytes:
        return self._file.read() if self._file else b""

    def _has_rotated(self) -> bool:
        """supervisord renames a full file and begins another of the same name."""
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False
        return self._file is None or os.fstat(self._file.fileno()).st_ino != now.st_ino
