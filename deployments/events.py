"""Telling open pages that something about a Deployment changed; they fetch it themselves."""

from __future__ import annotations

from django.db import transaction

from web import events


def channel(deployment_id: str) -> str:
    return f"deployment:{deployment_id}"


def announce(deployment_id: str) -> None:
    """After commit, so that a page never reads the old state."""
    transaction.on_commit(lambda: events.publish(channel(deployment_id)))
