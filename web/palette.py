"""The command palette: what each room finds for the words that somebody types.

    @palette.finds(order=20)
    def _workspaces(request, words):
        yield Found("Workspaces", workspace.name, url, "stack-2")

Finders are registered in each app's `ready()`. Each answers at most `LIMIT` items with at most
two queries, only what this person may see and do, and suggestions where there are no words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from django.http import HttpRequest

LIMIT = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the palette: an object, a page, or something to do."""

    group: str
    label: str
    url: str
    icon: str = "point"
    hint: str = ""
    post_url: str = ""
    """Where choosing it posts; `url` is then where it leads without JavaScript."""


Finder = Callable[[HttpRequest, list[str]], Iterable[Found]]
_finders: list[tuple[int, Finder]] = []


def finds(*, order: int) -> Callable[[Finder], Finder]:
    """Add a room's finder; smaller orders come first."""

    def add(finder: Finder) -> Finder:
        _finders.append((order, finder))
        return finder

    return add


def find(request: HttpRequest, search: str) -> dict[str, list[Found]]:
    """What all rooms find, by group, in the order of the finders."""
    words = search.replace("\x00", "").lower().split()[:8]
    groups: dict[str, list[Found]] = {}
    for _, finder in sorted(_finders, key=lambda pair: pair[0]):
        for item in islice(finder(request, words), LIMIT):
            groups.setdefault(item.group, []).append(item)
    return groups


def matches(words: list[str], *texts: str) -> bool:
    """Whether every word stands somewhere in the texts; for pages and actions."""
    whole = " ".join(texts).lower()
    return all(word in whole for word in words)
