"""What the palette finds of Workspaces."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import and_
from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from access.permissions import Permission
from accounts.navigation import current_organization
from web import palette
from web.palette import LIMIT, Found
from workspaces import queries


@palette.finds(order=20)
def _workspaces(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    rows = queries.workspaces(cast("Any", request).actor)
    if words:
        rows = rows.filter(reduce(and_, (Q(name__icontains=word) for word in words)))
    for workspace in rows[: LIMIT if words else 4]:
        url = reverse("workspaces:detail", args=[workspace.pk])
        yield Found("Workspaces", workspace.name, url, "stack-2", workspace.organization.name)


@palette.finds(order=50)
def _actions(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    organization = current_organization(request)
    if organization is None or not palette.matches(words, "Create Workspace"):
        return
    if cast("Any", request).actor.can(Permission.ORGANIZATION_WORKSPACES_CREATE, organization):
        url = reverse("workspaces:create", args=[organization.pk])
        yield Found("Actions", "Create Workspace", url, "plus", organization.name)
