"""An operator reads what is a tenant's: no page without a row in that tenant's log."""

from __future__ import annotations

from django.db import transaction

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import Organization
from accounts.models.installation import LOG
from audit.record import record
from deployments.models import Deployment

READ = "operator.read"


def read_organization(organization: Organization, *, actor: Actor) -> Organization:
    """Write down that its content is looked at. Raises PermissionDenied for who is no operator."""
    require(actor, Permission.INSTALLATION_TENANTS_READ, organization)
    _write(actor, organization)
    return organization


def read_deployment(deployment: Deployment, *, actor: Actor) -> Deployment:
    """As `read_organization`, of one Deployment."""
    require(actor, Permission.INSTALLATION_TENANTS_READ, deployment.organization)
    _write(actor, deployment)
    return deployment


def _write(actor: Actor, target: Organization | Deployment) -> None:
    with transaction.atomic():
        record(actor, READ, target)
        record(actor, READ, target, place=LOG)
