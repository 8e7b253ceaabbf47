"""What a person does to their own account, and what is written down of their coming."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from access.actor import Actor
from accounts.models import Organization, OrganizationRoleBinding, User
from audit.models import Outcome
from audit.record import record, snapshot
from web.errors import InvalidInput


def rename(user: User, *, full_name: str, actor: Actor) -> User:
    """Change one's own name. Raises InvalidInput for somebody else's."""
    if user.pk != actor.principal.id:
        raise InvalidInput("Only people themselves change their name.")
    before = snapshot(user)
    user.full_name = full_name
    user.save(update_fields=["full_name", "updated_at"])
    record(actor, "accounts.rename", user, before=before, after=snapshot(user))
    return user


def note(
    user: User,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    is_refused: bool = False,
    actor: Actor,
) -> None:
    """Write what happened to somebody's account into the log of each Organization of theirs.

    What concerns nobody's Organization stands in the installation's log.
    """
    outcome = Outcome.REFUSED if is_refused else Outcome.DONE
    targets: list[Organization] | list[User] = list(organizations_of(user)) or [user]
    for target in targets:
        record(actor, action, target, outcome=outcome, before=before, after=after)


def note_sign_in(user: User, *, by: Sequence[str], actor: Actor) -> None:
    """`by`: how the person proved who they are, for example password and authenticator app."""
    note(user, "accounts.sign_in", after={"by": list(by)} if by else {}, actor=actor)


def organizations_of(user: User) -> QuerySet[Organization]:
    """Where somebody is a member, for what concerns all of these Organizations."""
    mine = OrganizationRoleBinding.objects.filter(user=user).values("organization_id")
    return Organization.objects.filter(pk__in=mine)
