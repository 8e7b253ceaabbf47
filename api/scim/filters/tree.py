"""A filter that was read: what it compares, and how these are joined."""

from __future__ import annotations

from dataclasses import dataclass

Literal = str | bool | int | float | None


@dataclass(frozen=True)
class Comparison:
    """`path operator value`, for example `userName sw "j"`; `pr` has no value."""

    path: str
    operator: str
    value: Literal = None


@dataclass(frozen=True)
class Not:
    inner: Node


@dataclass(frozen=True)
class Joined:
    """All of them (`and`) or at least one (`or`)."""

    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Within:
    """`path[inner]`: one value of a list for which all of `inner` holds."""

    path: str
    inner: Node


Node = Comparison | Not | Joined | Within
