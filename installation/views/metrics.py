"""`/metrics`, for Prometheus."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from installation.metrics import Installation
from web import metrics


@never_cache
@require_GET
def exposition(request: HttpRequest) -> HttpResponse:
    """All figures, for who shows the token of ASTRO_UI_METRICS_TOKEN; without that setting there
    is no such address.

    Where somebody asks from is no proof: behind a front proxy everybody comes from this machine,
    and so does every DAG.
    """
    if not settings.METRICS_TOKEN:
        raise Http404
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(
            "The bearer is not the token of ASTRO_UI_METRICS_TOKEN.",
            status=401,
            headers={"WWW-Authenticate": "Bearer", "Content-Type": "text/plain"},
        )
    return HttpResponse(
        metrics.exposed(Installation()), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
    )
