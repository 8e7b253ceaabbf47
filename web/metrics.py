"""Counters of this console's processes for Prometheus, and how they are put together.

`up` names a folder in PROMETHEUS_MULTIPROC_DIR: there every process keeps its counts in files of
its own, and whichever web process is asked answers for all. Without it a process tells of itself.
Every counter here has labels, so that none opens a file before it counts: the processes are
forked from one that must hold none.
"""

from __future__ import annotations

import os

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()
"""Where rooms register their counters; never Python's default, which speaks of one process."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

HTTP_REQUESTS = Counter(
    "astro_ui_http_requests",
    "Requests to pages and API of the console, by route; those to Airflows are door requests.",
    ["method", "route", "status"],
    registry=REGISTRY,
)


def count(request: HttpRequest, response: HttpResponseBase) -> None:
    """Count an answered request by its route, never by its path: that has no end, and ids in it."""
    match = request.resolver_match
    method = request.method if request.method in _METHODS else "other"
    route = f"/{match.route}" if match else "none"
    HTTP_REQUESTS.labels(method, route, str(response.status_code)).inc()


def exposed(figures: Collector) -> bytes:
    """The text that Prometheus reads: the counts of all processes, then `figures`."""
    now = CollectorRegistry()
    now.register(figures)
    return generate_latest(_counts()) + generate_latest(now)


def _counts() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
