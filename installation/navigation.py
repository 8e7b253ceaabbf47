"""What operators find in the frame of every page, and the sidebar of the installation's pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.http import HttpRequest
from django.urls import reverse

# Before ours: its completion makes the person, to whose menu ours adds
from accounts import navigation as _of_accounts  # noqa: F401
from installation.queries import is_operator
from web import navigation
from web.navigation import Crumb, Entry, Frame

ROOMS = (
    ("Health", "health", "heart-rate-monitor"),
    ("Operations", "operations", "activity"),
    ("Organizations", "organizations", "building"),
    ("Sign-up", "sign_up", "user-plus"),
    ("Operators", "operators", "shield"),
    ("Audit log", "audit", "history"),
)


def enter(request: HttpRequest, *crumbs: Crumb) -> None:
    """Say that the page belongs to the installation."""
    first = Crumb("Installation", reverse("installation:health"))
    navigation.enter(request, scope="installation", crumbs=(first, *crumbs))


@navigation.contributes("installation", order=10)
def _rooms(request: HttpRequest, _: object) -> Iterator[Entry]:
    here = request.path
    for label, route, icon in ROOMS:
        url = reverse(f"installation:{route}")
        # Deployments have no list of their own: one comes to them through their Organization
        is_inside = here.startswith(url) and route != "health"
        is_inside |= route == "organizations" and here.startswith("/installation/deployments/")
        yield Entry(label, url, icon, is_current=here == url or is_inside)


@navigation.completes
def _way_in(request: HttpRequest, frame: Frame) -> Frame:
    actor = getattr(request, "actor", None)
    if frame.person is None or actor is None or not is_operator(actor):
        return frame
    entry = Entry("Installation", reverse("installation:health"), "server")
    return replace(frame, person=replace(frame.person, menu=(*frame.person.menu, entry)))
