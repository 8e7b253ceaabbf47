"""What the queue carries: ids, no decisions."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from deployments import reconciler, watcher
from deployments.models import Deployment

logger = logging.getLogger(__name__)


@shared_task
def reconcile(deployment_id: str) -> None:
    """Take one step, and look again soon while there is more to do."""
    delay = reconciler.reconcile(deployment_id)
    if delay is not None:
        reconcile.apply_async((deployment_id,), countdown=delay.total_seconds(), expires=60)


@shared_task
def sweep() -> None:
    """Find every unsettled Deployment whose message was lost."""
    for deployment_id in Deployment.objects.unsettled().values_list("pk", flat=True):
        reconcile.delay(deployment_id)


@shared_task
def watch() -> None:
    watcher.watch()


def send_reconcile(deployment_id: str) -> None:
    """A hint; without the broker the sweep does the same a few seconds later."""
    try:
        reconcile.delay(deployment_id)
    except OperationalError:
        logger.warning("The queue does not answer; the sweep will find %s", deployment_id)
