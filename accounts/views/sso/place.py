"""What the pages of sign-in have in common: finding what an address names, and the frame."""

from __future__ import annotations

from django.urls import reverse

from access.permissions import Permission
from access.policy import require
from accounts import navigation, queries
from accounts.models import Organization, SsoConnection, SsoDomain
from accounts.routes import PageRequest
from web.errors import NotFound
from web.navigation import Crumb

CONNECTIONS = Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE
DOMAINS = Permission.ORGANIZATION_DOMAINS_UPDATE


def organization(request: PageRequest, organization_id: str, *, to: Permission) -> Organization:
    """Raises NotFound, and PermissionDenied for who may not look after it."""
    found = queries.organization(request.actor, organization_id)
    require(request.actor, to, found)
    return found


def connection(request: PageRequest, organization_id: str, connection_id: str) -> SsoConnection:
    """One of the Organization's. Raises as `organization`."""
    owner = organization(request, organization_id, to=CONNECTIONS)
    rows = SsoConnection.objects.filter(organization=owner, pk=connection_id)
    found = rows.select_related("organization", "tested_by", "tested_as").first()
    if found is None:
        raise NotFound("This connection was deleted, or never existed.")
    return found


def domain(request: PageRequest, organization_id: str, domain_id: str) -> SsoDomain:
    """One of the Organization's. Raises as `organization`."""
    owner = organization(request, organization_id, to=DOMAINS)
    rows = SsoDomain.objects.filter(organization=owner, pk=domain_id)
    found = rows.select_related("organization", "connection").first()
    if found is None:
        raise NotFound("This domain was given up, or never claimed.")
    return found


def enter(request: PageRequest, owner: Organization, *crumbs: Crumb) -> None:
    above = Crumb("Single sign-on", reverse("accounts:sso", args=[owner.pk]))
    navigation.enter(request, owner, above, *crumbs)


def crumb(subject: SsoConnection | SsoDomain) -> Crumb:
    route = "sso_connection" if isinstance(subject, SsoConnection) else "sso_domain"
    url = reverse(f"accounts:{route}", args=[subject.organization_id, subject.pk])
    return Crumb(str(subject), url)
