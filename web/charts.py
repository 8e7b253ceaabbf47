"""Geometry of the small charts that the server draws: sparklines and bars of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from web.spoken import duration
from web.states import Look, look

_WIDTH, _HEIGHT = 100.0, 24.0
_BAR, _GAP = 5, 2


@dataclass(frozen=True, slots=True)
class Spark:
    """SVG paths of a sparkline inside a box of 100 × 24."""

    line: str
    area: str


def spark(values: Sequence[float | None], *, ceiling: float | None = None) -> Spark:
    """Draw the values from left to right; a missing value breaks the line.

    The scale starts at 0 and ends at the ceiling, or at the largest value.
    """
    known = [value for value in values if value is not None]
    top = ceiling or max(known, default=0) or 1
    step = _WIDTH / max(len(values) - 1, 1)
    pieces: list[list[str]] = [[]]
    for position, value in enumerate(values):
        if value is None:
            pieces.append([])
            continue
        height = _HEIGHT - 1 - min(max(value / top, 0), 1) * (_HEIGHT - 2)
        pieces[-1].append(f"{position * step:.1f} {height:.1f}")
    drawn = [piece for piece in pieces if piece]
    line = "".join(f"M{'L'.join(piece)}" for piece in drawn)
    area = "".join(
        f"M{piece[0].split()[0]} 24L{'L'.join(piece)}L{piece[-1].split()[0]} 24Z" for piece in drawn
    )
    return Spark(line=line, area=area)


class Run(Protocol):
    """What a bar needs to know of a run."""

    @property
    def state(self) -> str: ...
    @property
    def duration(self) -> timedelta | None: ...


@dataclass(frozen=True, slots=True)
class Bar:
    """One run: place, height and words."""

    x: int
    y: float
    height: float
    look: Look
    words: str


@dataclass(frozen=True, slots=True)
class Bars:
    """The last runs of a DAG, oldest first, at equal distances."""

    bars: tuple[Bar, ...]
    width: int
    words: str


def bars(runs: Sequence[Run], *, places: int = 14) -> Bars:
    """Draw the newest `places` runs (given oldest first); the longest fills the height."""
    shown = list(runs)[-places:]
    lengths = [run.duration.total_seconds() if run.duration else 0 for run in shown]
    longest = max(lengths, default=0) or 1
    offset = places - len(shown)
    drawn = tuple(
        _bar(run, x=(offset + position) * (_BAR + _GAP), share=length / longest)
        for position, (run, length) in enumerate(zip(shown, lengths, strict=True))
    )
    counted: dict[str, int] = {}
    for bar in drawn:
        counted[bar.look.label] = counted.get(bar.look.label, 0) + 1
    words = ", ".join(f"{count} {label.lower()}" for label, count in counted.items())
    return Bars(bars=drawn, width=places * (_BAR + _GAP) - _GAP, words=words or "no runs yet")


def _bar(run: Run, *, x: int, share: float) -> Bar:
    height = round(max(4.0, share * _HEIGHT), 1)
    how = look(run.state)
    words = f"{how.label}, {duration(run.duration)}" if run.duration else how.label
    return Bar(x=x, y=round(_HEIGHT - height, 1), height=height, look=how, words=words)
