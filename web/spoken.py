"""Times, durations and sizes as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s"))


def duration(length: timedelta | float) -> str:
    """Say a length of time with its two largest units: `450 ms`, `3.2 s`, `1 min 20 s`, `2 d 4 h`.

    A negative length, which a clock that jumped can produce, is said as `0 s`.
    """
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds <= 0:
        return "0 s"
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    return _two_units(round(seconds))


def _two_units(seconds: int) -> str:
    for position, (size, unit) in enumerate(_UNITS[:-1]):
        if seconds >= size:
            next_size, next_unit = _UNITS[position + 1]
            rest = seconds % size // next_size
            return f"{seconds // size} {unit}" + (f" {rest} {next_unit}" if rest else "")
    return f"{seconds} s"


def relative(moment: datetime, *, now: datetime) -> str:
    """Say when something was or will be: `just now`, `5 min ago`, `in 3 h`, `12 Aug 2026`."""
    seconds = (now - moment).total_seconds()
    distance = abs(seconds)
    if distance < 5:
        return "just now"
    if distance >= 30 * _DAY:
        return f"{moment.day} {moment:%b %Y}"
    size, unit = next((size, unit) for size, unit in _UNITS if distance >= size)
    said = f"{int(distance // size)} {unit}"
    return f"{said} ago" if seconds > 0 else f"in {said}"


def size(count: int) -> str:
    """Say a number of bytes: `512 B`, `1.5 KiB`, `20 MiB`."""
    if count < 1024:
        return f"{count} B"
    value = float(count)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        value /= 1024
        if value < 1023.95 or unit == "TiB":
            break
    return f"{value:.1f}".removesuffix(".0") + f" {unit}"
