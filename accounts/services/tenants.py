"""What operators of the installation do to Organizations as a whole."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from access import scopes
from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import Role
from accounts.models import Installation, Organization, OrganizationRoleBinding, User
from accounts.models.installation import LOG
from accounts.services import invitations
from audit.record import record, snapshot
from web.errors import Conflict, InvalidInput, check_text


@action(Permission.INSTALLATION_ORGANIZATIONS_CREATE, creates=True)
def create_organization(
    installation: Installation, *, name: str, owner_email: str, actor: Actor
) -> Organization:
    """Make an Organization for its first Owner.

    Who has an account becomes Owner at once; for anybody else `owner_link` on the answer is an
    invitation, there this once. Raises InvalidInput for what is too long or no address.
    """
    check_text("name", name, least=1, most=50)
    email = owner_email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidInput(
            "This is not an e-mail address.", fields={"owner_email": "Not an e-mail address"}
        ) from None
    organization = Organization.objects.create(name=name)
    owner = User.objects.filter(email=email).first()
    if owner is None:
        organization.owner_link = _invite(organization, email, actor)
    else:
        OrganizationRoleBinding.objects.create(
            organization=organization, user=owner, role=Role.ORGANIZATION_OWNER
        )
        scopes.announce_on_commit(owner.principal)
    _note(actor, "accounts.create_organization", organization)
    return organization


@action(Permission.INSTALLATION_ORGANIZATIONS_UPDATE)
def suspend(organization: Organization, *, reason: str, contact: str, actor: Actor) -> Organization:
    """Shut an Organization: its people read `reason` and whom to ask, its tokens answer 403.

    Whoever is inside an Airflow of it is out within a second; its Deployments are put to sleep.
    Nothing is deleted. Raises Conflict unless it is active, InvalidInput without a reason.
    """
    check_text("reason", reason, least=1, most=500)
    check_text("contact", contact, most=254)
    if organization.status != Organization.Status.ACTIVE:
        raise Conflict(f"{organization} is {organization.get_status_display().lower()} already.")
    organization.suspension_reason, organization.suspension_contact = reason, contact
    organization.suspended_at = timezone.now()
    _save(organization, Organization.Status.SUSPENDED)
    _note(actor, "accounts.suspend", organization)
    return organization


@action(Permission.INSTALLATION_ORGANIZATIONS_UPDATE)
def resume(organization: Organization, *, actor: Actor) -> Organization:
    """Undo a suspension, at once for people and tokens; what it put to sleep wakes by itself.

    Raises Conflict unless it is suspended.
    """
    if organization.status != Organization.Status.SUSPENDED:
        raise Conflict(f"{organization} is not suspended.")
    organization.suspension_reason = organization.suspension_contact = ""
    organization.suspended_at = None
    _save(organization, Organization.Status.ACTIVE)
    _note(actor, "accounts.resume", organization)
    return organization


def _note(actor: Actor, action: str, organization: Organization) -> None:
    """The row in the installation's log; the action writes that of the Organization."""
    record(actor, action, organization, after=snapshot(organization), place=LOG)


def _save(organization: Organization, status: Organization.Status) -> None:
    organization.status = status
    organization.save(
        update_fields=[
            "status", "suspension_reason", "suspension_contact", "suspended_at", "updated_at",
        ]
    )  # fmt: skip


def _invite(organization: Organization, email: str, actor: Actor) -> str:
    invitation = invitations.issue(
        organization, email=email, role=Role.ORGANIZATION_OWNER, workspace_roles={}, actor=actor
    )
    record(actor, "accounts.invite", invitation, after=snapshot(invitation))
    return invitation.link
