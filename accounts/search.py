"""What the palette finds of the Organization: its pages, people and gestures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import and_
from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from access.permissions import Permission
from accounts import queries
from accounts.navigation import current_organization
from web import palette
from web.palette import LIMIT, Found

_PAGES = (
    ("Home", "deployments:home", "home", Permission.ORGANIZATION_GET),
    ("Members", "accounts:members", "users", Permission.ORGANIZATION_USERS_GET),
    ("API tokens", "accounts:tokens", "key", Permission.ORGANIZATION_API_TOKENS_GET),
    ("Audit log", "accounts:audit", "history", Permission.ORGANIZATION_AUDIT_LOGS_GET),
    ("Organization settings", "accounts:settings", "settings", Permission.ORGANIZATION_GET),
)
_OWN_PAGES = (
    ("Profile", "accounts:profile", "user"),
    ("Change password", "account_change_password", "key"),
    ("Sessions", "usersessions_list", "device-desktop"),
)


@palette.finds(order=60)
def _pages(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    organization = current_organization(request)
    if organization is None:
        return
    allowed = cast("Any", request).actor.permissions_on(organization)
    for label, route, icon, permission in _PAGES:
        if permission in allowed and palette.matches(words, label):
            url = reverse(route, args=[organization.pk])
            yield Found("Pages", label, url, icon, organization.name)
    for label, route, icon in _OWN_PAGES:
        if palette.matches(words, label):
            yield Found("Pages", label, reverse(route), icon)


@palette.finds(order=50)
def _actions(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    organization = current_organization(request)
    if organization is None:
        return
    allowed = cast("Any", request).actor.permissions_on(organization)
    invites = Permission.ORGANIZATION_INVITES_CREATE in allowed
    is_asked = palette.matches(words, "Invite somebody to", organization.name)
    address = next((word for word in words if "@" in word), "")
    if invites and (is_asked or address):
        url = reverse("workspaces:invite", args=[organization.pk])
        label = f"Invite {address or 'somebody'} to {organization.name}"
        yield Found("Actions", label, f"{url}?email={address}" if address else url, "user-plus")


@palette.finds(order=40)
def _people(request: HttpRequest, words: list[str]) -> Iterator[Found]:
    organization = current_organization(request)
    actor = cast("Any", request).actor
    if not words or organization is None:
        return
    if not actor.can(Permission.ORGANIZATION_USERS_GET, organization):
        return
    where = reduce(
        and_,
        (Q(user__email__icontains=word) | Q(user__full_name__icontains=word) for word in words),
    )
    for member in queries.members(actor, organization).filter(where)[:LIMIT]:
        url = reverse("accounts:members", args=[organization.pk])
        email = member.user.email if member.user else ""
        yield Found("Members", str(member.user), f"{url}?q={email}", "user", email)
