"""An open page of a Deployment ends with the right to see it: at once, not at a heartbeat."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone

from access.actor import system
from access.scopes import access_changed
from accounts.models import Team, User
from accounts.services import ends, teams
from deployments.models import Deployment
from deployments.views.stream import stream
from tests import factories
from workspaces.models import WorkspaceRoleBinding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]
PATIENCE = 10
"""Shorter than a heartbeat, which would end it as well."""


def signed_in(user: User) -> SessionBase:
    browser = Client()
    browser.force_login(user)
    return browser.session


async def opened(user: User, deployment: Deployment) -> Any:
    request: Any = RequestFactory().get("/")
    request.session = await sync_to_async(signed_in)(user)
    request.actor = await sync_to_async(factories.actor)(user)
    heard = aiter(await stream(request, deployment.pk))
    assert b"changed" in await asyncio.wait_for(anext(heard), PATIENCE)
    return heard


async def test_when_a_grant_ends_by_itself(wanda: User, etl: Deployment) -> None:
    heard = await opened(wanda, etl)

    def end() -> None:
        past = timezone.now() - timedelta(seconds=1)
        WorkspaceRoleBinding.objects.filter(user=wanda).update(expires_at=past)
        assert ends.remove_ended(actor=system("ends")) == 1

    await sync_to_async(end)()
    assert await asyncio.wait_for(anext(heard), PATIENCE) == b"event: closed\ndata: \n\n"


async def test_when_the_team_that_opened_it_is_deleted(
    olivia: User, wanda: User, crew: Team, etl: Deployment
) -> None:
    await sync_to_async(WorkspaceRoleBinding.objects.filter(user=wanda).delete)()
    heard = await opened(wanda, etl)

    def delete() -> None:
        teams.delete_team(crew, typed_name="Crew", actor=factories.actor(olivia))

    await sync_to_async(delete)()
    assert await asyncio.wait_for(anext(heard), PATIENCE) == b"event: closed\ndata: \n\n"


async def test_when_the_session_ends(wanda: User, etl: Deployment) -> None:
    heard = await opened(wanda, etl)

    def end() -> None:
        Session.objects.all().delete()
        access_changed(wanda.principal)

    await sync_to_async(end)()
    assert await asyncio.wait_for(anext(heard), PATIENCE) == b"event: closed\ndata: \n\n"
