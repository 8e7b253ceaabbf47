"""Attributes of a tag, as components pass them through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def attributes(given: Mapping[str, Any]) -> SafeString:
    """Attributes as they stand in a tag, each value escaped, with a blank before each.

    False and None leave the attribute out; True writes the bare name.
    """
    written = [
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
        for name, value in given.items()
        if value is not None and value is not False
    ]
    return mark_safe("".join(written))  # noqa: S308 - each is escaped
