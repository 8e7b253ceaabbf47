"""What can be done to an Organization itself."""

from __future__ import annotations

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization
from accounts.services.tokens import LONGEST_DAYS
from web import stale
from web.errors import InvalidInput, check_text

LEAST_DAYS, MOST_DAYS = 90, 3650


@action(Permission.ORGANIZATION_UPDATE)
def update_organization(
    organization: Organization,
    *,
    name: str,
    allows_deprecated_runtimes: bool,
    audit_retention_days: int | None,
    api_token_max_days: int | None,
    seen: str = "",
    actor: Actor,
) -> Organization:
    """Change the settings; its id, and so every address, stays.

    The audit log is kept for ever where no days are given; older rows go within an hour and do not
    come back. Tokens made from now on end within `api_token_max_days`, where given. Raises
    InvalidInput unless the name has 1 to 50 characters, for fewer than 90 days of log and for more
    than ten years of either, Conflict where it would undo what somebody saved since `seen`.
    """
    wanted = {
        "name": name,
        "allows_deprecated_runtimes": allows_deprecated_runtimes,
        "audit_retention_days": audit_retention_days,
        "api_token_max_days": api_token_max_days,
    }
    stale.refuse_overwriting(organization, seen=seen, wanted=wanted)
    check_text("name", name, least=1, most=50)
    if audit_retention_days is not None and not LEAST_DAYS <= audit_retention_days <= MOST_DAYS:
        cause = f"The audit log is kept for {LEAST_DAYS} to {MOST_DAYS} days, or for ever."
        raise InvalidInput(cause, fields={"audit_retention_days": cause})
    if api_token_max_days is not None and not 1 <= api_token_max_days <= LONGEST_DAYS:
        cause = f"API tokens may live for 1 to {LONGEST_DAYS:,} days."
        raise InvalidInput(cause, fields={"api_token_max_days": cause})
    for field, value in wanted.items():
        setattr(organization, field, value)
    organization.save(update_fields=[*wanted, "updated_at"])
    return organization
