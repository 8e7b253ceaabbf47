"""What beat asks of the book."""

from __future__ import annotations

from celery import shared_task

from audit import heads, sealing


@shared_task
def keep() -> None:
    """Seal what was committed, then publish the heads."""
    sealing.seal_all()
    heads.publish()
