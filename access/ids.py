"""Identifiers of every object: 25-character cuids, as the Astro API's clients require."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import time

LENGTH = 25
PATTERN = re.compile(r"^c[0-9a-z]{24}$")

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_counter = itertools.count(secrets.randbelow(36**4))


def cuid() -> str:
    """Make a new id: `c`, then time, counter, process and randomness in base 36.

    Ids made later sort later to the millisecond. Not a secret: 8 characters are random.
    Source: the cuid specification, version 1.
    """
    moment, count = _base36(time.time_ns() // 1_000_000, 8), _base36(next(_counter), 4)
    return f"c{moment}{count}{_base36(os.getpid(), 2)}{_base36(secrets.randbelow(36**10), 10)}"


def _base36(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, rest = divmod(number, 36)
        digits = _ALPHABET[rest] + digits
    return digits
