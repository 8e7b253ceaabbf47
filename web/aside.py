"""Work that nobody waits for: it is handed to a thread of its own, which does much of it at once.

What waits is lost with its process: only for what may be lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")
MOST_WAITING = 10_000
"""What is put in beyond these is lost: where Redis hangs, memory must not fill up."""


class Aside(Generic[T]):
    """Calls `work` with what was put in: the first at once, what comes while it works together.

    At most `most` at a time, with `pause_seconds` between. What `work` raises is logged.
    """

    def __init__(
        self, name: str, work: Callable[[list[T]], None], *, pause_seconds: float, most: int
    ) -> None:
        self._name = name
        self._work = work
        self._pause_seconds = pause_seconds
        self._most = most
        self._waiting: SimpleQueue[T] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None
        """Begun when it is needed: a thread does not survive a fork."""

    def put(self, item: T) -> None:
        """Never raises and never waits."""
        if self._waiting.qsize() < MOST_WAITING:
            self._waiting.put(item)
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work_for_ever, name=self._name, daemon=True)
                self._thread.start()

    def _work_for_ever(self) -> None:
        while True:
            items = [self._waiting.get()]
            try:
                while len(items) < self._most:
                    items.append(self._waiting.get_nowait())
            except Empty:
                pass
            try:
                self._work(items)
            except Exception:
                logger.exception("%s: lost %s", self._name, len(items))
            time.sleep(self._pause_seconds)
