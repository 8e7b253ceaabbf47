"""What the Organization and the person put into the frame of every page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse

from access.actor import Actor
from access.permissions import Permission
from accounts import queries
from accounts.models import Organization, User
from web import navigation
from web.navigation import Crumb, Entry, Frame, Person

_LAST = "organization"


def enter(request: HttpRequest, organization: Organization, *crumbs: Crumb) -> None:
    """Say that the page belongs to an Organization."""
    navigation.enter(request, scope="organization", subject=organization, crumbs=crumbs)


def home_url(organization: Organization) -> str:
    return reverse("deployments:home", args=[organization.pk])


def current_organization(request: HttpRequest, subject: Any = None) -> Organization | None:
    """The page's Organization, or the one that this person looked at last, or any of theirs."""
    if isinstance(subject, Organization):
        found: Organization | None = subject
    elif isinstance(owner := getattr(subject, "organization", None), Organization):
        found = owner
    elif hasattr(request, "organization"):
        return cast("Any", request).organization  # type: ignore[no-any-return]
    else:
        visible = queries.organizations(cast("Any", request).actor)
        found = visible.filter(pk=_last(request)).first() or visible.first()
    request.organization = found  # type: ignore[attr-defined]
    if found and request.session.get(_LAST) != found.pk:
        request.session[_LAST] = found.pk
        User.objects.filter(pk=request.user.pk).update(last_organization_id=found.pk)
    return found


def _last(request: HttpRequest) -> str:
    """Of this session; of the one before, in a new one."""
    return str(request.session.get(_LAST) or getattr(request.user, "last_organization_id", ""))


@navigation.contributes("organization", order=10)
def _home(request: HttpRequest, organization: Organization) -> Iterator[Entry]:
    home = home_url(organization)
    yield Entry("Home", home, "home", is_current=request.path == home)


def _is_people(path: str) -> bool:
    return "/teams/" in path or path.endswith(("/invitations/", "/invite/"))


def _is_settings(path: str) -> bool:
    parts = ("/sso/", "/scim/", "/group-rules/")
    return any(part in path for part in parts) or path.endswith("/ip-access/")


@navigation.contributes("organization", order=80)
def _rooms(request: HttpRequest, organization: Organization) -> Iterator[Entry]:
    actor: Actor = cast("Any", request).actor
    allowed = actor.permissions_on(organization)
    here = request.path
    for label, route, icon, permission in (
        ("Members", "members", "users", Permission.ORGANIZATION_USERS_GET),
        ("API tokens", "tokens", "key", Permission.ORGANIZATION_API_TOKENS_GET),
        ("Roles", "roles", "shield-check", Permission.ORGANIZATION_GET),
        ("Audit log", "audit", "history", Permission.ORGANIZATION_AUDIT_LOGS_GET),
        ("Settings", "settings", "settings", Permission.ORGANIZATION_GET),
    ):
        if permission in allowed:
            url = reverse(f"accounts:{route}", args=[organization.pk])
            is_people = route == "members" and _is_people(here)
            is_settings = route == "settings" and _is_settings(here)
            is_inside = is_people or is_settings or here.startswith(url)
            yield Entry(label, url, icon, is_current=is_inside)


@navigation.contributes("person", order=10)
@navigation.contributes("", order=10)
def _own_pages(request: HttpRequest, subject: object) -> Iterator[Entry]:
    """The sidebar of pages that belong to no Organization: one's own account."""
    if not request.user.is_authenticated:
        return
    yield Entry("Home", reverse("deployments:start"), "home", is_current=request.path == "/")
    for label, route, icon in (
        ("Profile", "accounts:profile", "user"),
        ("E-mail address", "account_email", "mail"),
        ("Password", "account_change_password", "key"),
        ("Two-factor sign-in", "mfa_index", "shield-check"),
        ("Sessions", "usersessions_list", "device-desktop"),
    ):
        url = reverse(route)
        yield Entry(label, url, icon, is_current=request.path.startswith(url))


@navigation.completes
def _organization(request: HttpRequest, frame: Frame) -> Frame:
    if not isinstance(request.user, User):
        return frame
    organization = current_organization(request, frame.subject)
    if organization is None:
        return frame
    home = home_url(organization)
    switcher = Crumb(organization.name, home, reverse("accounts:switcher"))
    is_inside = frame.scope not in ("", "installation")
    crumbs = (Crumb(organization.name, home), *frame.crumbs) if is_inside else frame.crumbs
    return replace(frame, organization=switcher, crumbs=crumbs)


@navigation.completes
def _person(request: HttpRequest, frame: Frame) -> Frame:
    user = request.user
    if not isinstance(user, User):
        return frame
    menu = (
        Entry("Profile", reverse("accounts:profile"), "user"),
        Entry("Two-factor sign-in", reverse("mfa_index"), "shield-check"),
        Entry("Sessions", reverse("usersessions_list"), "device-desktop"),
    )
    person = Person(str(user), user.email, menu, reverse("account_logout"))
    return replace(
        frame, person=person, home_url=reverse("deployments:start"), palette_url=reverse("palette")
    )
