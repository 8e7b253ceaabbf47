"""An Organization that the installation's operator suspended, as its own people meet it."""

from __future__ import annotations

from access.actor import Actor
from access.scopes import Principal
from accounts.grants import of_subject
from accounts.models import Organization, OrganizationRoleBinding
from web.errors import NotFound


class OrganizationSuspended(NotFound):
    """Everything of it is hidden, and those who belong to it are told why."""

    status = 403
    title = "This Organization is suspended"


def refusal(organization: Organization) -> OrganizationSuspended:
    """Cause and whom to ask."""
    reason = organization.suspension_reason or "no reason was given"
    contact = organization.suspension_contact or "whoever runs this console"
    return OrganizationSuspended(
        f"{organization.name} was suspended by the operator of this console: {reason}",
        remedy=f"Ask {contact}. Nothing was deleted; all of it comes back when it is resumed.",
    )


def require_active(organization: Organization) -> None:
    """Raise OrganizationSuspended; for callers who proved already that they belong to it."""
    if organization.status == Organization.Status.SUSPENDED:
        raise refusal(organization)


def explain(actor: Actor, organization_id: str) -> OrganizationSuspended | None:
    """The refusal for a member of a suspended Organization; None for everybody else."""
    found = _suspended_of(actor.principal, pk=organization_id)
    return refusal(found) if found else None


def explain_any(principal: Principal) -> OrganizationSuspended | None:
    """The same, whichever of their Organizations it is."""
    found = _suspended_of(principal)
    return refusal(found) if found else None


def _suspended_of(principal: Principal, **lookup: str) -> Organization | None:
    subject = of_subject(principal)
    if subject is None:
        return None
    mine = OrganizationRoleBinding.objects.filter(**subject).values("organization_id")
    suspended = Organization.objects.filter(status=Organization.Status.SUSPENDED, pk__in=mine)
    return suspended.filter(**lookup).first()
