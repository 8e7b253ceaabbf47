"""The frame around a page: what the sidebar, the breadcrumb and the operations tray show.

A view says where it is and the rooms say what is there:

    navigation.enter(request, scope="workspace", subject=workspace, crumbs=(Crumb(…), …))

    @navigation.contributes("workspace", order=20)
    def _deployments(request, workspace):
        yield Entry("Deployments", icon="rocket", url=…)

    @navigation.completes
    def _person(request, frame):
        return replace(frame, person=Person(…))

Contributions are registered in each app's `ready()`, so that no room looks up the stairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar, of tabs, or of a switcher."""

    label: str
    url: str
    icon: str = ""
    is_current: bool = False
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Crumb:
    """One segment of the breadcrumb; `options_url` answers its switcher (`?q=` searches).

    That address returns `components/switcher_options.html` or any list of menu items.
    """

    label: str
    url: str
    options_url: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    name: str
    email: str
    menu: tuple[Entry, ...] = ()
    sign_out_url: str = ""


@dataclass(frozen=True, slots=True)
class Tray:
    """The operations tray: its page, and how many operations of this person still run."""

    url: str
    running: int = 0
    badge_url: str = ""
    """Answers `layouts/tray.html` alone, so that the number stays true while a page is open."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything around the page. What is None is not shown."""

    scope: str = ""
    subject: Any = None
    crumbs: tuple[Crumb, ...] = ()
    entries: tuple[Entry, ...] = ()
    organization: Crumb | None = None
    person: Person | None = None
    tray: Tray | None = None
    palette_url: str = ""
    home_url: str = "/"
    events_url: str = ""


Contribution = Callable[[HttpRequest, Any], Iterable[Entry]]
Completion = Callable[[HttpRequest, Frame], Frame]

_contributions: dict[str, list[tuple[int, Contribution]]] = {}
_completions: list[Completion] = []


def contributes(scope: str, *, order: int) -> Callable[[Contribution], Contribution]:
    """Add a room's entries to the sidebar of a scope; smaller orders come first."""

    def add(contribution: Contribution) -> Contribution:
        _contributions.setdefault(scope, []).append((order, contribution))
        return contribution

    return add


def completes(completion: Completion) -> Completion:
    """Let a room add to every frame: the person, the tray, the Organization switcher."""
    _completions.append(completion)
    return completion


def enter(
    request: HttpRequest,
    *,
    scope: str,
    subject: Any = None,
    crumbs: Iterable[Crumb] = (),
    events_url: str = "",
) -> None:
    """Say where the page is; the context processor builds the frame from it.

    `events_url` is the page's one event stream, which its <c-live> regions follow.
    """
    where = Frame(scope=scope, subject=subject, crumbs=tuple(crumbs), events_url=events_url)
    request.navigation = where  # type: ignore[attr-defined]


def frame(request: HttpRequest) -> Frame:
    """Build the frame of this request: contributions of its scope, then completions."""
    built: Frame = getattr(request, "navigation", None) or Frame()
    ordered = sorted(_contributions.get(built.scope, ()), key=lambda pair: pair[0])
    entries = [
        entry for _, contribution in ordered for entry in contribution(request, built.subject)
    ]
    built = replace(built, entries=(*built.entries, *_mark_current(entries, request.path)))
    for completion in _completions:
        built = completion(request, built)
    return built


def _mark_current(entries: list[Entry], path: str) -> list[Entry]:
    """Mark the entry whose address is the longest beginning of the path, unless one is marked."""
    if any(entry.is_current for entry in entries):
        return entries
    holding = [entry for entry in entries if f"{path}/".startswith(f"{entry.url.rstrip('/')}/")]
    if not holding:
        return entries
    current = max(holding, key=lambda entry: len(entry.url))
    return [replace(entry, is_current=entry is current) for entry in entries]
