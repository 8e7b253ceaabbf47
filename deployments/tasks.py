"""What the queue carries: ids, no decisions."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from celery import shared_task
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from access.actor import system
from deployments import following, hints, orphans, queries, reconciler, services, watcher
from deployments.models import Deployment
from deployments.services import deploys, suspension
from web import heartbeats

logger = logging.getLogger(__name__)

_FORGOTTEN = timedelta(seconds=6)
"""Nobody looks after an unsettled Deployment that was not seen for so long: its message was
lost. Longer than the longest pause between two looks, so that no second chain of messages
begins beside a living one."""

_PATIENCE_SECONDS = 0.2


@shared_task
def reconcile(deployment_id: str) -> None:
    """Take one step, and look again soon while there is more to do."""
    delay = reconciler.reconcile(deployment_id)
    if delay is not None:
        reconcile.apply_async((deployment_id,), countdown=delay.total_seconds(), expires=60)


@shared_task
def reconcile_each(deployment_ids: list[str]) -> None:
    """One step for each of several; behind a slow one the others go back, to another thread."""
    began = time.monotonic()
    while deployment_ids:
        first, *deployment_ids = deployment_ids
        reconcile(first)
        if deployment_ids and time.monotonic() - began > _PATIENCE_SECONDS:
            reconcile_each.delay(deployment_ids)
            return


@shared_task
def sweep() -> None:
    """Find every unsettled Deployment whose message was lost, and what a suspension calls for."""
    now = timezone.now()
    unseen = Q(observed_at=None) | Q(observed_at__lt=now - _FORGOTTEN)
    unseen |= Q(observed_at__gt=now)  # the clock was set back
    lost = list(Deployment.objects.unsettled().filter(unseen).values_list("pk", flat=True))
    for begin in range(0, len(lost), hints.MOST):
        reconcile_each.delay(lost[begin : begin + hints.MOST])

    for deploy_id in following.unfinished():
        if cache.get(_following(deploy_id)) is None:
            follow.delay(deploy_id)
    suspension.settle()
    heartbeats.note("sweep")


@shared_task
def follow(deploy_id: str) -> None:
    """Look once for a deploy in Airflow, and again soon while there is more to see."""
    cache.set(_following(deploy_id), True, timeout=_FORGOTTEN.total_seconds())  # noqa: FBT003
    delay = following.follow(deploy_id)
    if delay is not None:
        follow.apply_async((deploy_id,), countdown=delay.total_seconds(), expires=60)


def _following(deploy_id: str) -> str:
    """While this key lives, a chain of messages follows the deploy."""
    return f"following:{deploy_id}"


@shared_task
def tidy() -> None:
    deploys.tidy()


@shared_task
def watch() -> None:
    watcher.watch()


@shared_task
def clear() -> None:
    orphans.clear()


@shared_task
def purge() -> None:
    """Remove every trace of what was deleted and has been retained long enough."""
    for deployment in queries.expired():
        try:
            services.purge(deployment, actor=system("retention"))
        except Exception:
            # One that cannot be purged now is tried again; it must not keep the others.
            logger.exception("Deployment %s could not be purged", deployment.pk)


def send_follow(deploy_id: str) -> None:
    """A hint; without the broker the sweep does the same a few seconds later."""
    try:
        follow.delay(deploy_id)
    except OperationalError:
        logger.warning("The queue does not answer; the sweep will follow deploy %s", deploy_id)
