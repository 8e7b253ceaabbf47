"""One chain, followed from its first seal to its last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from audit.lines import Line
from audit.published import Head
from audit.sealing import GENESIS, REMOVED, head_of, microseconds

_SHOWN = 20
_WIDTH = 32
_LATE = 3600 * 1_000_000
"""Microseconds that a row may be older than the seal before it: a long transaction."""


class Base(NamedTuple):
    """What the first seal follows: nothing, or what retention removed."""

    number: int
    rows: int
    head: bytes


BEGINNING = Base(0, 0, GENESIS)


class Link(NamedTuple):
    """A seal as it was read."""

    organization_id: str
    number: int
    rows: int
    record_ids: list[int]
    digests: bytes
    sealed_at: datetime
    head: bytes


@dataclass
class Notes:
    """The first of what was found, and how many more: a million say no more than twenty."""

    shown: list[str] = field(default_factory=list)
    others: int = 0

    def add(self, text: str) -> None:
        if len(self.shown) < _SHOWN:
            self.shown.append(text)
        else:
            self.others += 1

    def told(self, place: str) -> Iterator[str]:
        for text in self.shown:
            yield f"{place}: {text}"
        if self.others:
            yield f"{place}: and {self.others:,} more."


@dataclass
class Chain:
    """Where an Organization's rows and seals are not as they were sealed and published.

    Shown each seal in the order of sealing, then asked for its end.
    """

    organization_id: str
    published: Mapping[int, Head]
    base: Base = BEGINNING
    rows: int = 0
    """How many sealed rows are there."""
    seals: int = 0
    findings: Notes = field(default_factory=Notes)
    remarks: Notes = field(default_factory=Notes)
    _last: Link | None = None

    def see(self, link: Link, there: Mapping[int, Line]) -> None:
        """The next seal, with those of its rows that there are."""
        self._follow(link)
        self._look_at_rows(link, there)
        self._last = link
        self.seals += 1

    def _follow(self, link: Link) -> None:
        """Does it follow from the seal before, and is it the one that was published?"""
        known = self.published.get(link.number)
        if known and known.head != link.head.hex():
            self.findings.add(
                f"seal {link.number} is not the one published at {known.at}:"
                " the chain was made anew since then."
            )
        if link.number != self._end + 1:
            self.findings.add(_gap(self._end + 1, link))
        elif not self._fits(link):
            self.findings.add(
                f"seal {link.number} of {_when(link)} does not follow from the one before:"
                " it was changed, or its rows were put in another order."
            )

    def _fits(self, link: Link) -> bool:
        rows, head = (self._last or self.base).rows, (self._last or self.base).head
        is_whole = len(link.digests) == _WIDTH * len(link.record_ids)
        is_counted = link.rows == rows + len(link.record_ids)
        wanted = head_of(
            head, self.organization_id, link.number, link.rows, link.sealed_at,
            link.record_ids, link.digests,
        )  # fmt: skip
        return is_whole and is_counted and wanted == link.head

    def _look_at_rows(self, link: Link, there: Mapping[int, Line]) -> None:
        oldest = microseconds(self._last.sealed_at) - _LATE if self._last else 0
        for place, record_id in enumerate(link.record_ids):
            line = there.get(record_id)
            digest = link.digests[place * _WIDTH : (place + 1) * _WIDTH]
            if line is None:
                before = " before that" if digest == REMOVED else ""
                self.findings.add(f"row {record_id}, sealed at {_when(link)}, was removed{before}.")
                continue
            self.rows += 1
            if line.digest != digest:
                self.findings.add(f"row {record_id}, sealed at {_when(link)}, was changed.")
            elif line.at < oldest:
                self.remarks.add(
                    f"row {record_id}, sealed at {_when(link)}, is dated long before the rows that"
                    " stand before it: the clock was set, or it was put in late."
                )

    def end(self) -> None:
        """Nothing follows: was more published, and something else where the chain begins?"""
        known = self.published.get(self.base.number)
        if known and known.head != self.base.head.hex():
            self.findings.add(f"what was removed is not what was published at {known.at}.")
        ahead = [head for number, head in self.published.items() if number > self._end]
        if ahead:
            first = min(ahead, key=lambda head: head.number)
            self.findings.add(
                f"the chain ends at seal {self._end}, but seal {first.number} was published at"
                f" {first.at}: its end was cut off."
            )

    @property
    def _end(self) -> int:
        return (self._last or self.base).number


def _gap(wanted: int, link: Link) -> str:
    if link.number < wanted:
        return f"seal {link.number} of {_when(link)} stands behind later ones."
    if link.number == wanted + 1:
        return f"seal {wanted} is missing, before the one of {_when(link)}."
    return f"seals {wanted} to {link.number - 1} are missing, before the one of {_when(link)}."


def _when(link: Link) -> str:
    return link.sealed_at.isoformat(timespec="seconds")
