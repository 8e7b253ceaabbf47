"""SCIM of an Organization: on or off, how to set it up, the last calls, and who is left over."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from redis import RedisError

from access.permissions import Permission
from access.policy import require
from accounts import navigation, provisioned, queries
from accounts.models import Organization, ProvisionedGroup, ProvisionedUser
from accounts.routes import PageRequest
from accounts.services.provisioning import calls
from accounts.services.provisioning.calls import Outcome
from accounts.services.provisioning.switching import switch_scim
from accounts.views.organization import tabs
from web import render
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb
from web.pagination import Page

_SHOWN = 50
_WAITING_SHOWN = 20
CALLS = ListSpec(
    sorts={"at": "at"},
    default_sort="-at",
    filters=(Filter("outcome", "Outcome", {"done": "Done", "refused": "Refused"}),),
)
MEMBERS = ListSpec(
    sorts={"name": "user__full_name", "email": "user__email", "joined": "created_at"},
    default_sort="email",
    search_fields=("user__full_name", "user__email"),
)


def scim(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = _organization(request, organization_id)
    if request.method == "POST":
        is_on = "on" in request.POST
        switch_scim(organization, is_on=is_on, actor=request.actor)
        messages.success(request, f"SCIM is {'on' if is_on else 'off'} now.")
        return redirect(request.path)
    query = ListQuery(request, CALLS)
    kept = _calls(organization)
    context = {
        "organization": organization,
        "tabs": tabs(request, organization),
        "base_url": f"{settings.BASE_URL}/scim/v2/{organization.pk}",
        "users": ProvisionedUser.objects.filter(organization=organization).count(),
        "groups": ProvisionedGroup.objects.filter(organization=organization).count(),
        "query": query,
        "page": _page(request, query, kept) if kept is not None else None,
        "kept": calls.KEPT,
    }
    navigation.enter(request, organization, *_crumbs(organization))
    return render.page(request, "accounts/scim.html", context, regions={"calls"})


def reconcile(request: PageRequest, organization_id: str) -> HttpResponse:
    """Members whom the identity provider does not keep, and its people who have no account."""
    organization = _organization(request, organization_id)
    query = ListQuery(request, MEMBERS)
    found = query.page(provisioned.unknown_to_provider(request.actor, organization))
    waiting = provisioned.waiting(request.actor, organization)
    context = {
        "organization": organization,
        "query": query,
        "page": found,
        "waiting": waiting[:_WAITING_SHOWN],
        "waiting_count": waiting.count(),
    }
    crumb = Crumb("Reconcile", request.path)
    navigation.enter(request, organization, *_crumbs(organization), crumb)
    return render.page(request, "accounts/scim_reconcile.html", context, regions={"rows"})


def _calls(organization: Organization) -> list[Outcome] | None:
    """None where they cannot be asked for at this moment."""
    try:
        return calls.last(organization.pk)
    except RedisError:
        return None


def _page(request: PageRequest, query: ListQuery, kept: list[Outcome]) -> Page[Outcome]:
    """Some of the calls, by how many newer ones stand before them."""
    chosen = set(query.chosen.get("outcome", ()))
    if len(chosen) == 1:
        kept = [each for each in kept if each.is_refused is ("refused" in chosen)]
    words = query.search.lower().split()
    kept = [each for each in kept if all(word in each.searched for word in words)]
    text = request.GET.get("after", "")
    begin = int(text) if text.isdecimal() and len(text) < 5 else 0
    end = begin + _SHOWN
    before = str(max(0, begin - _SHOWN)) if begin else ""
    return Page(
        rows=kept[begin:end],
        next_url=query.url(after=str(end)) if end < len(kept) else "",
        previous_url=query.url(after=before) if begin else "",
    )


def _organization(request: PageRequest, organization_id: str) -> Organization:
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_SCIM_UPDATE, organization)
    return organization


def _crumbs(organization: Organization) -> tuple[Crumb, Crumb]:
    own = reverse("accounts:settings", args=[organization.pk])
    return Crumb("Settings", own), Crumb("SCIM", reverse("accounts:scim", args=[organization.pk]))
