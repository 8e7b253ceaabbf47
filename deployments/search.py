"""What the palette finds of Deployments: themselves, and the gestures that they answer to now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat, Lower
from django.http import HttpRequest
from django.urls import reverse

from access.permissions import Permission
from accounts.navigation import current_organization
from deployments.lifecycle import Status, Trigger, possible
from deployments.models import Deployment
from web import palette
from web.palette import LIMIT, Found
from workspaces.models import Workspace

_MOST_OF_A_GESTURE = 4
_SHORTEST_VERB = 2


@dataclass(frozen=True, slots=True)
class _Gesture:
    verb: str
    trigger: Trigger
    icon: str

    @property
    def statuses(self) -> list[Status]:
        return [status for status in Status if self.trigger in possible(status)]


_GESTURES = (
    _Gesture("Hibernate", Trigger.HIBERNATE, "moon"),
    _Gesture("Wake", Trigger.WAKE, "sun"),
    _Gesture("Retry", Trigger.RETRY, "refresh"),
)


@palette.finds(order=10)
def _deployments(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    found = _named(request, Permission.DEPLOYMENT_GET, words)
    for deployment in found[: LIMIT if words else 4]:
        url = reverse("deployments:detail", args=[deployment.pk])
        yield Found("Deployments", deployment.name, url, "rocket", deployment.workspace.name)


@palette.finds(order=30)
def _gestures(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    """`hib etl` offers to hibernate what is called etl, if it can be and this person may."""
    for gesture in _GESTURES:
        names = [word for word in words if not _means(word, gesture.verb)]
        if len(names) == len(words):
            continue
        found = _named(request, Permission.DEPLOYMENT_UPDATE, names)
        for deployment in found.filter(status__in=gesture.statuses)[:_MOST_OF_A_GESTURE]:
            yield Found(
                "Actions",
                f"{gesture.verb} {deployment.name}",
                reverse("deployments:detail", args=[deployment.pk]),
                gesture.icon,
                deployment.workspace.name,
                post_url=reverse(f"deployments:{gesture.trigger.value}", args=[deployment.pk]),
            )


@palette.finds(order=50)
def _creation(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    organization = current_organization(request)
    if organization is None or not palette.matches(words, "Create Deployment"):
        return
    actor = cast("Any", request).actor
    open_to = Workspace.objects.visible_to(actor, Permission.WORKSPACE_DEPLOYMENTS_CREATE)
    if open_to.filter(organization=organization).exists():
        url = reverse("deployments:create_anywhere", args=[organization.pk])
        yield Found("Actions", "Create Deployment", url, "plus", organization.name)


def _means(word: str, verb: str) -> bool:
    return len(word) >= _SHORTEST_VERB and verb.lower().startswith(word)


def _named(request: HttpRequest, permission: Permission, words: list[str]) -> QuerySet[Deployment]:
    """Those with every word in name or namespace, on which this person holds `permission`."""
    visible = Deployment.objects.present().visible_to(cast("Any", request).actor, permission)
    rows = visible.select_related("workspace").only("name", "workspace__name")
    # One lowered text for each row costs half of comparing two columns without case.
    rows = rows.alias(words=Lower(Concat("name", Value(" "), "namespace")))
    for word in words:
        rows = rows.filter(Q(words__contains=word))
    return rows
