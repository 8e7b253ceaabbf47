"""How a page of this room is routed: signed in, with an actor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.urls import URLPattern, path

from access.actor import Actor


class PageRequest(HttpRequest):
    """A request that passed ActorMiddleware."""

    actor: Actor


def page(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """A route for people who are signed in; others sign in first and come back."""
    pattern: URLPattern = path(route, login_required(view), name=name)
    return pattern
