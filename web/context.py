"""The context processor of every page: frame, theme and request id."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from web import navigation

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
SIDEBAR_COOKIE = "sidebar"


def page(request: HttpRequest) -> dict[str, Any]:
    """Give templates `frame`, `theme`, `sidebar_is_narrow` and `request_id`.

    The frame is built only when a template reads it, so a fragment costs nothing.
    """
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return {
        "frame": SimpleLazyObject(lambda: navigation.frame(request)),
        "theme": theme if theme in THEMES else "auto",
        "sidebar_is_narrow": request.COOKIES.get(SIDEBAR_COOKIE) == "narrow",
        "request_id": getattr(request, "request_id", ""),
    }
