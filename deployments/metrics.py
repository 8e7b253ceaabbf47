"""What this room counts for Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from web.metrics import REGISTRY

DOOR_REQUESTS = Counter(
    "astro_ui_door_requests",
    "Requests for an Airflow, by what was decided; `via` is the console itself or a front proxy.",
    ["verdict", "via"],
    registry=REGISTRY,
)
OPERATION_SECONDS = Histogram(
    "astro_ui_operation_duration_seconds",
    "How long operations took that ended, by kind and outcome.",
    ["kind", "status"],
    buckets=(1, 2, 5, 10, 20, 30, 60, 120, 300, 600),
    registry=REGISTRY,
)
