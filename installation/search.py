"""What the palette finds of the installation, for operators alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse

from installation.navigation import ROOMS
from installation.queries import is_operator
from web import palette
from web.palette import Found


@palette.finds(order=70)
def _pages(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    if not words or not is_operator(cast("Any", request).actor):
        return
    for label, route, icon in ROOMS:
        if palette.matches(words, "Installation", label):
            yield Found("Pages", label, reverse(f"installation:{route}"), icon, "Installation")
