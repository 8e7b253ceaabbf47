"""Deployments of an Organization that was suspended sleep until it is resumed."""

from __future__ import annotations

import logging

from django.db import transaction

from access.actor import system
from accounts.models import Organization
from deployments.lifecycle import Status, Trigger, possible
from deployments.models import Deployment, Wish
from deployments.services.power import hibernate, wake
from web.errors import Conflict

logger = logging.getLogger(__name__)

_CAN_SLEEP = [status for status in Status if Trigger.HIBERNATE in possible(status)]


def settle() -> None:
    """Put to sleep what runs in suspended Organizations, and wake what that had put to sleep.

    To be called again and again: what is being created or changed sleeps once that has ended.
    """
    for each in _running_though_suspended():
        _put_to_sleep(each)
    for each in _asleep_though_resumed():
        _wake(each)


def _running_though_suspended() -> list[Deployment]:
    return list(
        Deployment.objects.filter(
            organization__status=Organization.Status.SUSPENDED,
            wish=Wish.RUNNING,
            status__in=_CAN_SLEEP,
        )
    )


def _asleep_though_resumed() -> list[Deployment]:
    return list(
        Deployment.objects.filter(
            organization__status=Organization.Status.ACTIVE, sleeps_by_suspension=True
        )
    )


def _put_to_sleep(deployment: Deployment) -> None:
    try:
        with transaction.atomic():
            hibernate(deployment, actor=system("suspension"))
            _mark(deployment, sleeps=True)
    except Conflict:
        # Its status moved meanwhile: the next call finds it as it then is
        logger.info("Deployment %s cannot be put to sleep yet", deployment.pk)


def _wake(deployment: Deployment) -> None:
    with transaction.atomic():
        _mark(deployment, sleeps=False)
        if deployment.status == Status.HIBERNATING:
            wake(deployment, actor=system("suspension"))


def _mark(deployment: Deployment, *, sleeps: bool) -> None:
    Deployment.objects.filter(pk=deployment.pk).update(sleeps_by_suspension=sleeps)
