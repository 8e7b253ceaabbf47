"""What a person does to their own account, and what is written down of their coming."""

from __future__ import annotations

from django.db.models import QuerySet

from access.actor import Actor
from accounts.models import Organization, OrganizationRoleBinding, User
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


def note_sign_in(user: User, *, actor: Actor) -> None:
    """Write one audit row in each Organization that the person belongs to."""
    for organization in organizations_of(user):
        record(actor, "accounts.sign_in", organization)


def organizations_of(user: User) -> QuerySet[Organization]:
    """Where somebody is a member, for what concerns all of these Organizations."""
    mine = OrganizationRoleBinding.objects.filter(user=user).values("organization_id")
    return Organization.objects.filter(pk__in=mine)
