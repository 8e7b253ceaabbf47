"""Word to the workers that Deployments want looking after; sent aside, and several at once.

Who clicks does not wait for the queue, and a burst of wishes costs few messages. The first goes out
at once. A hint may be lost, with this process or the queue: the sweep finds the row within seconds.
"""

from __future__ import annotations

import logging
import time
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.02
"""Between two messages: what comes meanwhile goes together."""
MOST = 20
"""Deployments of one message."""

_waiting: SimpleQueue[str] = SimpleQueue()
_lock = Lock()
_senders: list[Thread] = []
"""The one of this process, once it was needed: a thread does not survive a fork."""


def send(deployment_id: str) -> None:
    """Have a worker look after a Deployment; never raises and never waits."""
    _waiting.put(deployment_id)
    with _lock:
        if not _senders or not _senders[0].is_alive():
            _senders[:] = [Thread(target=_send_for_ever, name="hints", daemon=True)]
            _senders[0].start()


def _send_for_ever() -> None:
    while True:
        ids = {_waiting.get(): True}
        try:
            while len(ids) < MOST:
                ids[_waiting.get_nowait()] = True
        except Empty:
            pass
        _send(list(ids))
        time.sleep(PAUSE_SECONDS)


def _send(ids: list[str]) -> None:
    from deployments.tasks import reconcile_each

    try:
        reconcile_each.delay(ids)
    except OperationalError:
        logger.warning("The queue does not answer; the sweep will find %s", ", ".join(ids))
