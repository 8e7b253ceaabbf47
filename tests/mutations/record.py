"""Which test missed which guard, as of the last run: it is asked first in the next one."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

FILE = Path(__file__).parents[2] / "build" / "mutations.txt"
"""A line for each guard: its lasting name, a tab, the test. Only a help, so it is in no commit."""


def read() -> dict[str, str]:
    """By guard the id of a test that missed it."""
    if not FILE.exists():
        return {}
    rows = (line.split("\t") for line in FILE.read_text().splitlines())
    return dict(row for row in rows if len(row) == 2)


def write(missed: dict[str, str], *, known: Collection[str]) -> None:
    """What this run found, and what was found before of guards that are still there."""
    found = read() | {lasting(guard): test for guard, test in missed.items()}
    there = {lasting(guard) for guard in known}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text("".join(f"{g}\t{test}\n" for g, test in sorted(found.items()) if g in there))


def lasting(guard: str) -> str:
    """Its name without the line, which moves."""
    place, _, rest = guard.partition(" ")
    return f"{place.partition(':')[0]} {rest}"
