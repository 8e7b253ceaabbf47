"""What was published of the chains, read again and judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit import heads


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ended at a moment."""

    number: int
    head: str
    at: str


@dataclass
class Published:
    """Of each chain the last head, and the first of each day: those tell since when."""

    lines: int = 0
    last_at: str = ""
    chains: dict[str, dict[int, Head]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    torn: list[int] = field(default_factory=list)
    """Lines that a crash cut off; the next one vouches that they were so."""


def read(path: Path) -> Published:
    """All of the file in one pass. A missing file has published nothing."""
    found, kept = Published(), _Kept()
    previous = ""
    unread = 0
    for number, line in enumerate(_lines(path), start=1):
        found.lines = number
        facts = _facts(line)
        if facts is None:
            unread = number
        elif facts.get("previous") != previous:
            found.faults.append(f"Line {number} of the published heads does not follow the one"
                                " before: a line was changed, added or removed.")  # fmt: skip
        elif unread:
            found.torn.append(unread)
        if facts is not None:
            unread = 0
            kept.keep(facts)
            found.last_at = str(facts.get("at", ""))
        previous = heads.link_to(line)
    if unread:
        found.torn.append(unread)
    found.chains, forged = kept.judged()
    found.faults += [
        f"The heads published at {at} are not signed by this console." for at in forged
    ]
    return found


class _Kept:
    """Signatures are checked of what is kept only: each line vouches for those before it."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._last: dict[str, Mapping[str, Any]] = {}

    def keep(self, facts: Mapping[str, Any]) -> None:
        for organization_id in facts.get("heads", {}):
            self._days.setdefault((organization_id, str(facts.get("at"))[:10]), facts)
            self._last[organization_id] = facts

    def judged(self) -> tuple[dict[str, dict[int, Head]], list[str]]:
        chains: dict[str, dict[int, Head]] = {}
        verdicts: dict[int, bool] = {}
        forged: dict[str, None] = {}
        for organization_id, facts in self._each():
            at = str(facts.get("at"))
            if not verdicts.setdefault(id(facts), heads.is_signed(facts)):
                forged[at] = None
                continue
            number, _, head = facts["heads"][organization_id]
            chains.setdefault(organization_id, {})[number] = Head(number, head, at)
        return chains, list(forged)

    def _each(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for (organization_id, _), facts in self._days.items():
            yield organization_id, facts
        yield from self._last.items()


def _lines(path: Path) -> Iterator[bytes]:
    if not path.exists():
        return
    with path.open("rb") as file:
        yield from file


def _facts(line: bytes) -> dict[str, Any] | None:
    try:
        facts = json.loads(line)
    except ValueError:
        return None
    return facts if isinstance(facts, dict) and line.endswith(b"\n") else None
