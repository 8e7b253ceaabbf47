"""Connections to identity providers: made, tested, activated, turned off."""

from __future__ import annotations

from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from accounts.models import SsoConnection, User

State = SsoConnection.State


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def pass_test(connection: SsoConnection, *, tested_as: User | None, actor: Actor) -> SsoConnection:
    """Note that a test sign-in passed just now, and whom it would have signed in."""
    connection.tested_at = timezone.now()
    connection.tested_by_id = actor.principal.id
    connection.tested_as = tested_as
    if connection.state in (State.DRAFT, State.OFF):
        connection.state = State.TESTED
    connection.save()
    return connection
