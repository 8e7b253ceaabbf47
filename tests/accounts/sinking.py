"""An Organization that sends its log on, and something that happens in it."""

from __future__ import annotations

from typing import Any

from accounts.models import AuditSink, Organization, User
from accounts.services import sinks
from audit import sealing
from tests import factories
from tests.audit.rows import written


def add(organization: Organization, owner: User, kind: str, target: str, **more: Any) -> AuditSink:
    return sinks.create_sink(
        organization, kind=kind, name=kind, target=target, actor=factories.actor(owner), **more
    )


def happens(organization: Organization, *actions: str) -> None:
    """Rows that share one seal."""
    for action in actions:
        written(action, organization=organization.pk)
    sealing.seal_all()
