"""What a component was given: its attributes by name, and its body as `slot`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from web.attributes import attributes

Given = Mapping[str, Any]
Draw = Callable[[Given], SafeString]


def others(given: Given, known: Collection[str]) -> SafeString:
    """The attributes that a component did not declare."""
    unknown = {name: value for name, value in given.items() if name not in known}
    return attributes(unknown) if unknown else EMPTY


def when(value: Any, written: str) -> SafeString:
    """`written` with the value in the place of `{}`, or nothing without a value."""
    return format_html(written, value) if value else EMPTY


def joined(*pieces: Any) -> SafeString:
    """The pieces one after the other, those that are not safe escaped."""
    return mark_safe("".join(map(conditional_escape, pieces)))  # noqa: S308 - each is escaped


EMPTY = SafeString("")
