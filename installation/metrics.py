"""Figures of the whole installation for Prometheus, read when they are asked for.

No name of a tenant is in them, nor of anything that a tenant made.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import RedisError

from deployments.lifecycle import Status
from deployments.models import Deployment, Operation
from deployments.reconciler import LEASE
from installation import health, queries
from web import heartbeats

Rows = Iterable[tuple[tuple[str, ...], float]]


class Installation(Collector):
    """A part that does not answer is said to be down, and its figures are left out."""

    def collect(self) -> Iterator[Metric]:
        labels = (settings.VERSION, platform.python_version())
        yield _gauge("info", "Versions of console and Python.", [(labels, 1)], "version", "python")
        yield from _of_disk()
        down: list[str] = []
        yield from _unless_silent("database", _of_database, down)
        yield from _unless_silent("redis", _of_redis, down)
        parts = [((name,), float(name not in down)) for name in ("database", "redis")]
        yield _gauge("part_up", "Whether a part that figures come from answers.", parts, "part")


def _unless_silent(
    name: str, read: Callable[[], Iterator[Metric]], down: list[str]
) -> list[Metric]:
    try:
        return list(read())
    except (DatabaseError, RedisError):
        down.append(name)
        return []


def _of_disk() -> Iterator[Metric]:
    disk = health.disk()
    yield _gauge("disk_free_bytes", "Room on the data directory's disk.", [((), disk.free_bytes)])
    yield _gauge("disk_size_bytes", "Size of that disk.", [((), disk.total_bytes)])


def _of_database() -> Iterator[Metric]:
    counted = dict(Deployment.objects.order_by().values_list("status").annotate(Count("pk")))
    by_status = [((status.value,), counted.get(status.value, 0)) for status in Status]
    yield _gauge("deployments", "Deployments by status.", by_status, "status")
    operations = Operation.objects.order_by().values_list("kind", "status").annotate(Count("pk"))
    rows = [((kind, status), total) for kind, status, total in operations]
    yield _gauge("operations", "Operations by kind and state.", rows, "kind", "status")
    running = Operation.objects.filter(status=Operation.Status.RUNNING)
    stuck = running.filter(queries.stuck()).count()
    yield _gauge("operations_stuck", "Running past deadline or lease.", [((), stuck)])
    yield _gauge("lease_age_seconds", "Age of the oldest lease on work.", [((), _lease_age())])


def _of_redis() -> Iterator[Metric]:
    lengths = health.queue_lengths()
    if None in lengths.values():
        raise RedisError
    rows = [((name.replace(" ", "_"),), float(length or 0)) for name, length in lengths.items()]
    yield _gauge("queue_messages", "Messages of the job queue.", rows, "state")
    ages = [((part,), age) for part, age in heartbeats.ages().items() if age is not None]
    yield _gauge("heartbeat_age_seconds", "Since the last sign of life.", ages, "part")


def _lease_age() -> float:
    """0 while nobody works; above the lease's own length its holder is gone."""
    until = Deployment.objects.unsettled().aggregate(first=Min("lease_until"))["first"]
    return max((timezone.now() - (until - LEASE)).total_seconds(), 0.0) if until else 0.0


def _gauge(name: str, text: str, rows: Rows, *labels: str) -> Metric:
    family = GaugeMetricFamily(f"astro_ui_{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family
