"""Attempts to come in that failed, for those who look after the person's Organizations."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.middleware import origin, person
from accounts.models import User
from accounts.services import people


def note_refusal(request: HttpRequest, user: User, action: str, *, reason: str) -> None:
    """Write down that somebody failed to prove that they are `user`."""
    actor = person(user, origin(request, door="page"))
    people.note(user, action, is_refused=True, after={"reason": reason}, actor=actor)
