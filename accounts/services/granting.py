"""What giving a role has in common at every scope: the role, its end, and what was seen before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from access.actor import Actor
from access.policy import ExceedsOwnRights
from access.roles import AnyRole
from access.scopes import (
    Principal,
    PrincipalKind,
    Scoped,
    announce_all_on_commit,
    announce_on_commit,
)
from accounts import role_choices
from accounts.models import RoleBinding, Team
from web.errors import Conflict, InvalidInput

B = TypeVar("B", bound=RoleBinding)

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
    """Put a role and its end into a binding, which the caller saves, and no rule changes any more.

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
    _keep_own_end(binding, until, actor)
    for name, value in role_choices.given(role, subject, actor=actor).items():
        setattr(binding, name, value)
    binding.expires_at = until
    binding.is_by_rule = False


def give(
    made: B,
    role: AnyRole,
    *,
    subject: Scoped,
    until: datetime | None = None,
    field: str,
    actor: Actor,
) -> B:
    """Save a new binding and tell its holder, as `write` does.

    Raises Conflict, at `field`, for who has a role there already.
    """
    write(made, role, subject=subject, until=until, actor=actor)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            f"{made.holder} has a role here already.",
            remedy="Change the role in the list instead.",
            fields={field: "Has a role here already"},
        ) from None
    announce(made)
    return made


def change(
    binding: B,
    role: AnyRole,
    *,
    subject: Scoped,
    until: datetime | None = None,
    seen: str | None = None,
    actor: Actor,
) -> B:
    """Save another role and end in a binding, and tell its holder, as `write` does."""
    write(binding, role, subject=subject, until=until, seen=seen, actor=actor)
    binding.save(update_fields=["role", "custom_role", "expires_at", "is_by_rule"])
    announce(binding)
    return binding


def take(binding: RoleBinding) -> None:
    """Remove a binding, and tell its holder."""
    announce(binding)
    binding.delete()


def announce(binding: RoleBinding) -> None:
    """Tell the open tabs of whoever holds it, on commit; of a Team's people all."""
    if binding.team is not None:
        announce_team(binding.team)
    elif binding.user is not None:
        announce_on_commit(binding.user.principal)
    elif binding.api_token is not None:
        token = binding.api_token
        announce_on_commit(Principal(PrincipalKind.API_TOKEN, token.pk, token.name))


def announce_team(team: Team) -> None:
    """Tell the open tabs of everybody in it, as it is now, on commit."""
    members = team.memberships.select_related("user")
    announce_all_on_commit(member.user.principal for member in members)


def check_end(until: datetime | None) -> None:
    """Raise InvalidInput, naming the field, for an end that is past or too far."""
    if until is None:
        return
    now = timezone.now()
    if until <= now:
        raise _bad_end(f"This is past; it is {now:%Y-%m-%d %H:%M} in UTC now.")
    if until > now + FARTHEST_END:
        raise _bad_end("At most 3,650 days from now. Left empty, it has no end.")


def _keep_own_end(binding: RoleBinding, until: datetime | None, actor: Actor) -> None:
    """Raise ExceedsOwnRights for who would put off the end of a role that they hold."""
    end = binding.expires_at
    is_own = binding.user_id is not None and binding.user_id == actor.principal.id
    if is_own and end is not None and (until is None or until > end):
        raise ExceedsOwnRights(
            "Nobody puts off the end of their own role.",
            remedy="Ask somebody whose role lasts longer.",
        )


def _bad_end(words: str) -> InvalidInput:
    return InvalidInput(words, remedy="Choose another end.", fields={"until": words})
