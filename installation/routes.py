"""How a page of the installation is routed: for operators; to others it does not exist."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.urls import URLPattern
from django.views.decorators.http import require_POST

from accounts import routes
from accounts.routes import PageRequest, View
from installation.queries import require_operator

__all__ = ["PageRequest", "gesture", "page"]


def page(route: str, view: View, name: str) -> URLPattern:
    @wraps(view)
    def for_operators(request: PageRequest, *args: Any, **kwargs: Any) -> Any:
        require_operator(request.actor)
        return view(request, *args, **kwargs)

    return routes.page(f"installation/{route}", for_operators, name)


def gesture(route: str, view: View, name: str) -> URLPattern:
    """A route that changes something: as `page`, by POST alone."""
    return page(route, require_POST(view), name)
