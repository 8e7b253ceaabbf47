"""API tokens of a Workspace: their pages are those of every scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization
from accounts.routes import PageRequest
from accounts.views.tokens import Deeds, TokenPlace
from web.navigation import Crumb
from workspaces import navigation, queries
from workspaces.models import Workspace
from workspaces.services import tokens as services


def _enter(request: PageRequest, workspace: Workspace, *crumbs: Crumb) -> dict[str, Any]:
    navigation.enter(request, workspace, *crumbs)
    return {"workspace": workspace}


def _within(actor: Actor, organization: Organization) -> Iterator[tuple[str, str]]:
    rows = Workspace.objects.visible_to(actor, Permission.WORKSPACE_API_TOKENS_CREATE)
    for each in rows.filter(organization=organization).order_by("name").iterator():
        yield each.pk, each.name


PLACE = TokenPlace(
    home=services.HOME,
    namespace="workspaces",
    find=queries.workspace,
    enter=_enter,
    within=_within,
    deeds=Deeds(
        create=services.create_token,
        update=services.update_token,
        rotate=services.rotate_token,
        delete=services.delete_token,
        attach=services.attach_token,
        detach=services.detach_token,
        attachable=services.attachable,
    ),
)
