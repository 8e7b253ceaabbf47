"""Lending a token of a wider scope a role, from its own page or from where it shall have it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from access.scopes import ScopeKind
from accounts.role_choices import choices
from accounts.routes import PageRequest
from accounts.token_forms import AttachForm
from accounts.views.tokens.place import MOST_CHOICES, TokenPlace, places
from web import forms
from web.errors import NotFound
from web.navigation import Crumb


def attach(request: PageRequest, place: TokenPlace, subject_id: str) -> HttpResponse:
    """Choose one of the wider scope's tokens and a role here."""
    subject = place.enter_list(request, subject_id, "create")
    if place.deeds.attach is None or place.deeds.attachable is None:
        raise NotFound("Nothing is attached here.")
    act = place.deeds.attach
    found = place.deeds.attachable(subject, request.actor).order_by("name")[:MOST_CHOICES]
    options = choices(request.actor, subject)
    form = AttachForm(request.POST or None, found=found, options=options)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: act(
            subject, token_id=values["token"], role=values["role"], actor=request.actor
        ),
    ):
        messages.success(request, "The API token has its role here now.")
        return redirect(place.url("tokens", subject.pk))
    here = Crumb("Attach", request.path)
    context = {"form": form, "heading": "Attach an API token", "has_some": bool(found)}
    return place.page(request, subject, "attach", context, here, status=forms.status(form))


def spread(request: PageRequest, place: TokenPlace, subject_id: str, token_id: str) -> HttpResponse:
    """The same from the token's page, which names scope, place and role."""
    subject = place.enter_list(request, subject_id)
    held = place.held(subject, token_id)
    there = _named(request.POST.get("kind", ""))
    if there is None or there.deeds.attach is None:
        raise NotFound("There is no such scope.")
    goal = there.find(request.actor, request.POST.get("subject", ""))
    role = request.POST.get("role", "")
    there.deeds.attach(goal, token_id=held.api_token_id, role=role, actor=request.actor)
    messages.success(request, f"{held.api_token.name} has its role in {goal} now.")
    return redirect(place.url("token", subject.pk, token_id))


def detach(request: PageRequest, place: TokenPlace, subject_id: str, token_id: str) -> HttpResponse:
    """Take away what an attached token may do here; it goes on elsewhere."""
    subject = place.enter_list(request, subject_id)
    held = place.held(subject, token_id)
    if place.deeds.detach is None:
        raise NotFound("Nothing is attached here.")
    place.deeds.detach(held, actor=request.actor)
    messages.success(request, f"{held.api_token.name} has no role in {subject} any more.")
    return redirect(place.url("tokens", subject.pk))


def _named(kind: str) -> TokenPlace | None:
    return places.get(ScopeKind(kind)) if kind in set(ScopeKind) else None
