"""How every part is, and the work under way."""

from __future__ import annotations

from django.db.models import BooleanField, Case, Value, When
from django.http import HttpResponse
from django.utils import timezone

from installation import health, queries
from installation.navigation import enter
from installation.routes import PageRequest
from web import render
from web.finding import Verdict
from web.navigation import Crumb

_MOST_OPERATIONS = 200


def overview(request: PageRequest) -> HttpResponse:
    """Health with remedies, versions, disk and queues; asked anew at every look."""
    found = health.findings()
    context = {
        "now": timezone.now(),
        "findings": found,
        "faults": sum(each.verdict is not Verdict.OK for each in found),
        "versions": health.versions().items(),
        "disk": health.disk(),
        "queues": health.queue_lengths().items(),
        "running": queries.running_operations(request.actor).count(),
        "stuck": queries.running_operations(request.actor).filter(queries.stuck()).count(),
    }
    enter(request, Crumb("Health", request.path))
    return render.page(request, "installation/health.html", context, regions={"health"})


def operations(request: PageRequest) -> HttpResponse:
    """What runs now in all Organizations; stuck is what ought to have ended."""
    is_stuck = Case(
        When(queries.stuck(), then=Value(True)),  # noqa: FBT003
        default=Value(False),  # noqa: FBT003
        output_field=BooleanField(),
    )
    running = queries.running_operations(request.actor).annotate(is_stuck=is_stuck)
    context = {"operations": running[:_MOST_OPERATIONS]}
    enter(request, Crumb("Operations", request.path))
    return render.page(request, "installation/operations.html", context, regions={"operations"})
