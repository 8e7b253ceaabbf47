"""One gesture on many Deployments: first what it would do, then what it did, item by item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpResponse

from accounts import navigation
from deployments import queries, services
from deployments.models import Deployment
from deployments.views.offers import Offer, offers
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import DomainError, InvalidInput
from web.navigation import Crumb

_MOST = 200
_SERVICES: Mapping[str, Callable[..., Deployment]] = {
    "hibernate": services.hibernate,
    "wake": services.wake,
}


@dataclass(frozen=True)
class Item:
    """One Deployment of the selection; `refusal` says why nothing happens to it."""

    deployment: Deployment
    refusal: str = ""


def bulk(request: PageRequest) -> HttpResponse:
    """Preview (GET), then do (POST). A refusal of one never hinders the others."""
    given = request.POST if request.method == "POST" else request.GET
    gesture, marked = given.get("gesture", ""), given.getlist("id")[:_MOST]
    if gesture not in _SERVICES or not marked:
        raise InvalidInput("No Deployment is marked.", remedy="Go back and mark some.")
    found = list(
        queries.deployments(request.actor)
        .filter(pk__in=marked)
        .select_related("workspace", "organization")
        .order_by("name")
    )
    if found:
        navigation.enter(request, found[0].organization, Crumb("Several", request.path))
    context = {"gesture": gesture, "is_done": request.method == "POST"}
    if request.method == "POST":
        context["items"] = [_do(request, gesture, each) for each in found]
    else:
        context["items"] = [_preview(request, gesture, each) for each in found]
    return render.page(request, "deployments/bulk.html", context)


def _preview(request: PageRequest, gesture: str, deployment: Deployment) -> Item:
    offer: Offer = offers(deployment, request.actor, is_one_of_many=True)[gesture]
    return Item(deployment, offer.refusal)


def _do(request: PageRequest, gesture: str, deployment: Deployment) -> Item:
    try:
        changed = _SERVICES[gesture](deployment, actor=request.actor)
    except DomainError as error:
        return Item(deployment, f"{error.cause} {error.remedy}".strip())
    return Item(changed)


urlpatterns = [page("deployments/bulk/", bulk, "bulk")]
