"""Waiting for a condition, with a deadline that names what never came."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    look: Callable[[], T | None], wish: str, *, seconds: float = 180, every: float = 0.05
) -> T:
    """The first truthy answer of `look`. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := look():
                return found
        except (OSError, RuntimeError) as error:
            last: object = error
        else:
            last = ""
        if time.monotonic() > end:
            raise TimeoutError(f"{wish} did not happen within {seconds:.0f} s {last}")
        time.sleep(every)
