"""The addresses of one scope's API tokens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.urls import URLPattern

from accounts.routes import gesture, page
from accounts.views.tokens import attaching, listing, one
from accounts.views.tokens.place import TokenPlace, register


def routes(place: TokenPlace, base: str) -> list[URLPattern]:
    """Below `base`, which names `subject_id`. Other scopes' pages lead here from then on."""
    register(place)

    def at(view: Callable[..., Any]) -> Callable[..., Any]:
        return partial(view, place=place)

    token = f"{base}<str:token_id>/"
    found = [
        page(base, at(listing.listing), "tokens"),
        page(f"{base}new/", at(listing.new), "token_new"),
        page(token, at(one.token), "token"),
        page(f"{token}rotate/", at(one.rotate), "token_rotate"),
        page(f"{token}delete/", at(one.delete), "token_delete"),
    ]
    if place.deeds.attach is None:
        return [*found, gesture(f"{token}attach/", at(attaching.spread), "token_spread")]
    attached = [
        page(f"{base}attach/", at(attaching.attach), "token_attach"),
        gesture(f"{token}detach/", at(attaching.detach), "token_detach"),
    ]
    return [*found[:2], *attached, *found[2:]]
