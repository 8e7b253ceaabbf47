"""Answer with a page, or with the region of it that htmx asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    regions: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Render the template, or one of its declared regions when htmx targets it.

    A region is a `{% partialdef name %}` of the template whose name is also the id of the
    element that htmx swaps. Anything else, and the browser's way back, gets the whole page.
    """
    region = _target(request)
    name = f"{template}#{region}" if region in regions else template
    response = render(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ("HX-Request", "HX-Target", "Cookie"))
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page, which a whole page must not answer."""
    restores = request.headers.get("HX-History-Restore-Request") == "true"
    return request.headers.get("HX-Request") == "true" and not restores


def _target(request: HttpRequest) -> str:
    return request.headers.get("HX-Target", "") if is_fragment(request) else ""
