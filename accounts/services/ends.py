"""Grants that end by themselves: their rows go, open pages are told, and the log says so.

Their rights end without this, at the very moment: no question for grants finds them any more. But
what somebody holds below an Organization whose member they no longer are ends here, seconds later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from access import scopes
from access.actor import Actor
from access.roles import Role
from accounts import holdings
from accounts.group_rules import heard
from accounts.models import OrganizationRoleBinding, RoleBinding
from accounts.services import granting
from audit.record import record, snapshot

LOOK_AHEAD = timedelta(seconds=15)
"""Longer than beat's pause, so that each end falls into one of its looks."""
_AT_ONCE = 500


def upcoming() -> list[datetime]:
    """The moments within LOOK_AHEAD at which some grant ends."""
    now = timezone.now()
    found: set[datetime] = set()
    for table in holdings.tables():
        rows = table.model._default_manager.filter(
            expires_at__gt=now, expires_at__lte=now + LOOK_AHEAD
        )
        found |= {end for end in rows.values_list("expires_at", flat=True) if end is not None}
    return sorted(found)


def remove_ended(*, actor: Actor) -> int:
    """Clear what has ended, each grant in a transaction with its audit row; says how many.

    Two who do so at once never take the same row.
    """
    return sum(
        _end(table, binding_id, actor)
        for table in holdings.tables()
        for binding_id in list(
            table.model._default_manager.filter(expires_at__lte=timezone.now())
            .order_by("expires_at")
            .values_list("pk", flat=True)[:_AT_ONCE]
        )
    )


def _end(table: holdings.Table, binding_id: str, actor: Actor) -> int:
    with transaction.atomic():
        rows = table.rows().select_for_update(of=("self",), skip_locked=True, no_key=True)
        binding: RoleBinding | None = rows.filter(
            pk=binding_id, expires_at__lte=timezone.now()
        ).first()
        if binding is None:
            return 0
        end(binding, actor=actor)
        return 1


def end(binding: RoleBinding, *, actor: Actor) -> None:
    """Take a grant away, in the caller's transaction, and write down whose it was.

    Who had more than Member in the Organization is a Member again.
    """
    before, pk = snapshot(binding), binding.pk
    if isinstance(binding, OrganizationRoleBinding) and binding.user is not None:
        _end_membership(binding)
    else:
        granting.take(binding)
    after = snapshot(binding) if binding.pk else {}
    binding.pk = pk
    record(actor, "accounts.end_grant", holdings.auditable(binding), before=before, after=after)


def _end_membership(member: OrganizationRoleBinding) -> None:
    """Who was more than Member is a Member again; who was Member leaves with every role below."""
    if member.role == Role.ORGANIZATION_MEMBER and member.user is not None:
        heard.forget_person(member.organization, member.user)
        scopes.remove_grants(member.user.principal, member.organization_id)
        granting.take(member)
        return
    member.role, member.custom_role, member.expires_at = Role.ORGANIZATION_MEMBER, None, None
    member.save(update_fields=["role", "custom_role", "expires_at"])
    granting.announce(member)
