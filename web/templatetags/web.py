"""Filters and tags that the components share: `{% load web %}`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from web import charts, spoken, states
from web.attributes import attributes

register = template.Library()


@register.filter
def rest(attrs: Any) -> SafeString:
    """Write the attributes a component did not declare, each value escaped.

    False and None leave the attribute out; True writes the bare name. Use it in place of
    `{{ attrs }}`, which trusts its values.
    """
    return mark_safe(attributes(attrs.attrs_dict()).lstrip())  # noqa: S308 - escaped


@register.filter
def look(state: object) -> states.Look:
    """How a state looks: `{% with seen=deployment.status|look %}`."""
    return states.look(state)


@register.filter
def relative(moment: datetime | None) -> str:
    """`5 min ago`."""
    return spoken.relative(moment, now=timezone.now()) if moment else "never"


@register.filter
def utc(moment: datetime | None) -> str:
    """The absolute time, in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else ""


@register.filter
def iso(moment: datetime | None) -> str:
    """The machine's form, for `datetime="…"`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment else ""


@register.filter
def duration(length: timedelta | float | None) -> str:
    """`1 min 20 s`."""
    return "" if length is None else spoken.duration(length)


@register.filter(name="bytes")
def size(count: int | None) -> str:
    """`1.5 MiB`."""
    return "" if count is None else spoken.size(count)


@register.filter
def initials(name: str) -> str:
    """The letters of an avatar: `Wanda Maximoff` → `WM`."""
    words = str(name).replace("@", " ").replace(".", " ").split()
    letters = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in letters).upper() or "?"


_TONES = ("busy", "ok", "rest", "warn", "unknown")


@register.filter
def name_tone(name: str) -> str:
    """The avatar colour of a name, the same on every page."""
    return _TONES[sum(str(name).encode()) % len(_TONES)]


@register.simple_tag
def spark(values: Sequence[float | None], ceiling: float | None = None) -> charts.Spark:
    """The paths of a sparkline: `{% spark values as drawn %}`."""
    return charts.spark(values, ceiling=ceiling or None)


@register.simple_tag
def run_bars(runs: Sequence[charts.Run], places: int = 14) -> charts.Bars:
    """The bars of a DAG's last runs: `{% run_bars runs as drawn %}`."""
    return charts.bars(runs, places=places)
