from __future__ import annotations

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import StreamingHttpResponse

from access.actor import Actor
from deployments import queries
from deployments.events import channel
from deployments.gateway import signals
from deployments.gateway.decisions import person_of
from deployments.views.routes import PageRequest, page
from web import events
from web.errors import NotFound


async def stream(request: PageRequest, deployment_id: str) -> StreamingHttpResponse:
    """The one event stream of a Deployment's pages; it ends when the right to see it does."""
    principal, origin = request.actor.principal, request.actor.origin
    session_key = request.session.session_key or ""
    await sync_to_async(_look)(request.actor, deployment_id)

    async def is_allowed() -> bool:
        # A fresh actor: rights are read anew, as they may have been taken away meanwhile.
        return await sync_to_async(_may_see)(Actor(principal, origin), session_key, deployment_id)

    return events.stream(
        [channel(deployment_id), *signals.channels(principal)], is_allowed=is_allowed
    )


def _may_see(actor: Actor, session_key: str, deployment_id: str) -> bool:
    """Of somebody whose session has not ended meanwhile."""
    try:
        _look(actor, deployment_id)
        user = person_of(session_key)
    except NotFound:
        return False
    finally:
        close_old_connections()
    return user is not None and user.pk == actor.principal.id


def _look(actor: Actor, deployment_id: str) -> None:
    try:
        queries.deployment(actor, deployment_id)
    finally:
        # A stream stays open for hours; a connection of the pool is not kept for it.
        close_old_connections()


urlpatterns = [page("deployments/<str:deployment_id>/events/", stream, "events")]
