"""One API token at its home: what it may do and where, change, rotation, deletion."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from access.policy import refusal
from accounts import holdings
from accounts.forms import ConfirmForm, role_choices
from accounts.role_choices import ROLES_OF, choices
from accounts.routes import PageRequest
from accounts.services.token_homes import reach
from accounts.services.token_rules import StaleToken, fingerprint
from accounts.token_forms import TokenChangeForm
from accounts.views.tokens.listing import shown_once
from accounts.views.tokens.place import MOST_CHOICES, TokenPlace, places
from web import forms
from web.errors import NotFound
from web.navigation import Crumb


@dataclass(frozen=True)
class Reached:
    """Somewhere that a token holds a role."""

    kind: str
    name: str
    role: str
    since: object
    url: str
    detach_url: str
    """Empty at home."""
    refusal: str


@dataclass(frozen=True)
class Goal:
    """A scope whose objects a token of the Organization can be attached to."""

    kind: str
    label: str
    options: list[tuple[str, str]]
    roles: list[tuple[str, str]]


def token(request: PageRequest, place: TokenPlace, subject_id: str, token_id: str) -> HttpResponse:
    subject, held = _found(request, place, subject_id, token_id)
    form = _form(request, place, held)
    status = 200
    if request.method == "POST":
        try:
            if forms.accepted(form, lambda values: _change(request, place, held, values)):
                messages.success(request, f"{held.api_token.name} was changed.")
                return redirect(request.path)
            status = forms.status(form)
        except StaleToken as stale:
            held, status = place.held(subject, token_id), stale.status
            form = _form(request, place, held, loaded=fingerprint(held))
            form.full_clean()
            forms.put_back(form, stale)
    stored = _stored(form) if status == StaleToken.status else []
    context = _context(request, place, held) | {"form": form, "stored": stored}
    here = Crumb(held.api_token.name, request.path)
    return place.page(request, subject, "token", context, here, status=status)


def rotate(request: PageRequest, place: TokenPlace, subject_id: str, token_id: str) -> HttpResponse:
    """Say what ends, then show a new value, once."""
    subject, held = _found(request, place, subject_id, token_id)
    if request.method == "POST":
        loaded = request.POST.get("loaded", "")
        made = place.deeds.rotate(held, loaded=loaded, actor=request.actor)
        return shown_once(request, place, subject, made)
    context = {
        "token": held.api_token,
        "loaded": fingerprint(held),
        "back": place.url("token", subject.pk, token_id),
        "heading": f"Rotate {held.api_token.name}",
    }
    return place.page(request, subject, "rotate", context, *_crumbs(place, subject, held, "Rotate"))


def delete(request: PageRequest, place: TokenPlace, subject_id: str, token_id: str) -> HttpResponse:
    """Ask for the name, then delete."""
    subject, held = _found(request, place, subject_id, token_id)
    form = ConfirmForm(request.POST or None)

    def go(values: dict[str, str]) -> None:
        typed = values["confirmation"].strip()
        place.deeds.delete(held, typed_name=typed, actor=request.actor)

    if request.method == "POST" and forms.accepted(form, go):
        messages.success(request, f"{held.api_token.name} was deleted.")
        return redirect(place.url("tokens", subject.pk))
    context = {
        "form": form,
        "token": held.api_token,
        "back": place.url("token", subject.pk, token_id),
        "heading": f"Delete {held.api_token.name}",
    }
    here = _crumbs(place, subject, held, "Delete")
    return place.page(request, subject, "delete", context, *here, status=forms.status(form))


def _found(request: PageRequest, place: TokenPlace, subject_id: str, token_id: str) -> Any:
    subject = place.enter_list(request, subject_id)
    held = place.held(subject, token_id)
    if not place.is_home_of(held.api_token):
        raise NotFound("This API token belongs to a wider scope and is changed there.")
    return subject, held


def _form(
    request: PageRequest, place: TokenPlace, held: Any, *, loaded: str = ""
) -> TokenChangeForm:
    """Filled with the token, or with what was typed; `loaded` makes that count from now on."""
    given = request.POST.copy() if request.method == "POST" else None
    if given is not None and loaded:
        given["loaded"] = loaded
    own = held.api_token
    initial = {
        "name": own.name,
        "description": own.description,
        "role": held.role or held.custom_role_id,
        "address_ranges": own.address_ranges,
        "loaded": fingerprint(held),
    }
    return TokenChangeForm(given, options=choices(request.actor, held), initial=initial)


def _stored(form: TokenChangeForm) -> list[tuple[str, str]]:
    """What is kept now where something else was typed, by the labels of the fields."""
    pairs = [(form[name], form[name].initial) for name in form.changed_data if name != "loaded"]
    return [
        (str(field.label), "\n".join(now) if isinstance(now, list) else str(now))
        for field, now in pairs
    ]


def _change(request: PageRequest, place: TokenPlace, held: Any, values: dict[str, Any]) -> None:
    place.deeds.update(held, actor=request.actor, **values)


def _context(request: PageRequest, place: TokenPlace, held: Any) -> dict[str, Any]:
    own = held.api_token
    subject_id = getattr(held, f"{place.home.kind}_id")
    known, hidden = _reach(request, own)
    links = {verb: place.url(f"token_{verb}", subject_id, own.pk) for verb in ("rotate", "delete")}
    return {
        "token": own,
        "held": held,
        "heading": own.name,
        "reached": [_reached(request, own, home, binding) for home, binding in known],
        "hidden": hidden,
        "goals": _goals(request, place, own),
        "spread_url": _spread_url(place, subject_id, own.pk),
        "links": links,
    }


def _spread_url(place: TokenPlace, subject_id: str, token_id: str) -> str:
    return "" if place.deeds.attach else place.url("token_spread", subject_id, token_id)


def _reach(request: PageRequest, token: Any) -> tuple[list[Any], int]:
    """Where it holds a role as far as the reader may know, and in how many places besides."""
    every = list(reach(token))
    known = [each for each in every if holdings.knows(request.actor, each[0].kind, each[1])]
    return known, len(every) - len(known)


def _reached(request: PageRequest, token: Any, home: Any, binding: Any) -> Reached:
    there = places[home.kind]
    subject = getattr(binding, home.kind)
    return Reached(
        home.kind.value.title(),
        str(subject),
        binding.held_role.label,
        binding.created_at,
        there.url("tokens", subject.pk),
        "" if there.is_home_of(token) else there.url("token_detach", subject.pk, token.pk),
        refusal(request.actor, there.permission("delete"), binding),
    )


def _goals(request: PageRequest, place: TokenPlace, token: Any) -> list[Goal]:
    """Where it can be attached from its own page: up to 200 of each, the others on their pages."""
    if place.deeds.attach is not None:
        return []
    found = []
    for kind, there in places.items():
        options = list(islice(there.within(request.actor, token.organization), MOST_CHOICES))
        if options:
            roles = role_choices(reversed(ROLES_OF[kind]))
            found.append(Goal(kind.value, kind.value.title(), options, roles))
    return found


def _crumbs(place: TokenPlace, subject: Any, held: Any, last: str) -> tuple[Crumb, Crumb]:
    url = place.url("token", subject.pk, held.api_token_id)
    return Crumb(held.api_token.name, url), Crumb(last, "")
