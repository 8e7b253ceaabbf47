"""Ends a process together with its starter, however that ends: a pipe of which they hold one end.

A console is meant to outlive the terminal that started it. One that a test or a benchmark starts
is not: nobody would be left to stop it. Standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from threading import Thread

VARIABLE = "ASTRO_UI_LIFELINE"
"""The number of the inherited descriptor; absent where nobody holds a line."""


def hold() -> tuple[int, dict[str, str]]:
    """For the starter: what a child needs in `pass_fds` and in its environment."""
    descriptor = _line()[0]
    return descriptor, {VARIABLE: str(descriptor)}


def follow(end: Callable[[], object]) -> None:
    """For the child: call `end` once the starter is gone; its own children inherit nothing."""
    number = os.environ.pop(VARIABLE, "")
    if not number:
        return
    os.set_inheritable(int(number), False)  # noqa: FBT003
    Thread(target=_wait, args=(int(number), end), name="lifeline", daemon=True).start()


@cache
def _line() -> tuple[int, int]:
    """One for the whole life of the starter, which never writes and never closes it."""
    return os.pipe()


def _wait(descriptor: int, end: Callable[[], object]) -> None:
    while os.read(descriptor, 1):
        pass
    end()
