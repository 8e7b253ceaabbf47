"""Word to the workers that Deployments want looking after; sent aside, and several at once.

Who clicks does not wait for the queue, and a burst of wishes costs few messages. The first goes out
at once. A hint may be lost, with this process or the queue: the sweep finds the row within seconds.
"""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

from web.aside import Aside

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.02
"""Between two messages: what comes meanwhile goes together."""
MOST = 20
"""Deployments of one message."""


def send(deployment_id: str) -> None:
    """Have a worker look after a Deployment; never raises and never waits."""
    _hints.put(deployment_id)


def _send(ids: list[str]) -> None:
    from deployments.tasks import reconcile_each

    unique = list(dict.fromkeys(ids))
    try:
        reconcile_each.delay(unique)
    except OperationalError:
        logger.warning("The queue does not answer; the sweep will find %s", ", ".join(unique))


_hints = Aside("hints", _send, pause_seconds=PAUSE_SECONDS, most=MOST)
