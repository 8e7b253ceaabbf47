"""The browsers in which somebody is signed in, and how they end."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import devices
from accounts.routes import PageRequest
from accounts.services import security
from web import navigation, render
from web.navigation import Crumb


@dataclass(frozen=True)
class Shown:
    """One row: the session, in what browser, and whether it is the one that asks."""

    session: UserSession
    browser: str
    is_this: bool


def sessions(request: PageRequest) -> HttpResponse:
    here = request.session.session_key
    found = UserSession.objects.purge_and_list(request.user)
    found.sort(key=lambda each: (each.session_key != here, -each.last_seen_at.timestamp()))
    rows = [
        Shown(each, devices.name(each.user_agent), is_this=each.session_key == here)
        for each in found
    ]
    navigation.enter(request, scope="", crumbs=[Crumb("Sessions", request.path)])
    context = {"rows": rows, "others": sum(not row.is_this for row in rows)}
    return render.page(request, "usersessions/usersession_list.html", context)


def end(request: PageRequest, session_id: int) -> HttpResponse:
    """End one. Of the browser that asks, that is signing out, which has a page of its own."""
    ended = security.end_session(
        request.user, session_id, keep=request.session.session_key or "", actor=request.actor
    )
    messages.success(request, f"{ended} is signed out.")
    return redirect("usersessions_list")


def end_others(request: PageRequest) -> HttpResponse:
    count = security.end_other_sessions(
        request.user, keep=request.session.session_key or "", actor=request.actor
    )
    words = f"{count} other session{'' if count == 1 else 's'} ended." if count else "No other was."
    messages.success(request, words)
    return redirect("usersessions_list")
