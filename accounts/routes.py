"""How a page is routed: only for people who are signed in, with an actor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from access.actor import Actor
from accounts.models import User


class PageRequest(HttpRequest):
    """A request that passed ActorMiddleware, of somebody who is signed in."""

    actor: Actor
    user: User


View = Callable[..., Any]


def page(route: str, view: View, name: str) -> URLPattern:
    """A route for people who are signed in; others sign in first and come back."""
    pattern: URLPattern = path(route, login_required(view), name=name)
    return pattern


def gesture(route: str, view: View, name: str) -> URLPattern:
    """A route that changes something: as `page`, by POST alone."""
    return page(route, require_POST(view), name)
