"""What giving a role has in common at every scope: the role, its end, and what was seen before."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from access.actor import Actor
from access.roles import AnyRole
from access.scopes import Scoped
from accounts import role_choices
from accounts.models import RoleBinding
from web.errors import Conflict, InvalidInput

FARTHEST_END = timedelta(days=3650)


def write(
    binding: RoleBinding,
    role: AnyRole,
    *,
    subject: Scoped,
    until: datetime | None = None,
    seen: str | None = None,
    actor: Actor,
) -> None:
    """Put a role and its end into a binding, which the caller saves.

    `seen` is the binding's `worth` when its form was made. Raises Conflict when it is worth
    something else by now, InvalidInput for an end that is past or more than ten years off and for
    a role that cannot be given on `subject`, ExceedsOwnRights for one above the actor's own.
    """
    if seen is not None and seen != binding.worth:
        raise Conflict(
            f"{binding.holder} has another role by now: {binding.shown}.",
            remedy="Send it again to put yours in its place.",
            fields={"role": f"By now it is {binding.shown}. Send it again to put yours in place."},
        )
    check_end(until)
    for name, value in role_choices.given(role, subject, actor=actor).items():
        setattr(binding, name, value)
    binding.expires_at = until


def check_end(until: datetime | None) -> None:
    """Raise InvalidInput, naming the field, for an end that is past or too far."""
    if until is None:
        return
    now = timezone.now()
    if until <= now:
        raise _bad_end(f"This is past; it is {now:%Y-%m-%d %H:%M} in UTC now.")
    if until > now + FARTHEST_END:
        raise _bad_end("At most 3,650 days from now. Left empty, it has no end.")


def _bad_end(words: str) -> InvalidInput:
    return InvalidInput(words, remedy="Choose another end.", fields={"until": words})
