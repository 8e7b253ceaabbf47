"""Keeping a narrowing of the audit log under a name."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from access.scopes import PrincipalKind
from accounts.models import AuditFilter, Organization
from web.errors import Conflict, InvalidInput, check_text

MOST = 50
"""Of one person in one Organization."""
_LONGEST = 2000


@action(Permission.ORGANIZATION_AUDIT_LOGS_GET, creates=True)
def save_filter(
    organization: Organization, *, name: str, narrowing: str, is_shared: bool, actor: Actor
) -> AuditFilter:
    """Keep what stands behind the `?` of the log's address; `is_shared` shows it to every reader.

    Raises InvalidInput where nothing is narrowed, Conflict for a name that one has already.
    """
    check_text("name", name, least=1, most=50)
    if not narrowing or len(narrowing) > _LONGEST:
        raise InvalidInput(
            "There is nothing to keep.",
            remedy="Search or filter the log first.",
            fields={"name": "Search or filter the log first"},
        )
    if actor.principal.kind is not PrincipalKind.USER:
        raise InvalidInput("Only people keep filters.")
    mine = AuditFilter.objects.filter(organization=organization, owner_id=actor.principal.id)
    if mine.count() >= MOST:
        raise Conflict(f"You keep {MOST} filters here.", remedy="Remove one first.")
    made = AuditFilter(
        organization=organization,
        owner_id=actor.principal.id,
        name=name.strip(),
        narrowing=narrowing,
        is_shared=is_shared,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        words = "You keep another filter by this name"
        raise Conflict(f"{words}.", fields={"name": words}) from None
    return made


@action(Permission.ORGANIZATION_AUDIT_LOGS_GET)
def remove_filter(found: AuditFilter, *, actor: Actor) -> None:
    """Forget one's own; one that somebody else shares needs the right to change the Organization.

    Raises PermissionDenied.
    """
    if found.owner_id != actor.principal.id:
        require(actor, Permission.ORGANIZATION_UPDATE, found)
    found.delete()
