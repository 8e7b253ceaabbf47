"""The metadata of a running SAML connection, asked for anew: certificates are rolled over by it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import SsoConnection
from accounts.sso.saml import configuration, metadata
from accounts.sso.saml.metadata import Provider
from web.errors import Conflict, DomainError, InvalidInput

EVERY = timedelta(days=1)


def refresh(connection: SsoConnection, *, actor: Actor) -> SsoConnection:
    """Read what stands at the metadata's address, and take it over where it says something new.

    Takes up to 10 s. What cannot be read or used changes nothing of the connection, except that
    its page says why. Raises InvalidInput or Conflict then, and PermissionDenied.
    """
    require(actor, Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE, connection)
    try:
        found = _found(connection)
    except DomainError as fault:
        words = f"{fault.cause} {fault.remedy}".strip()[:500]
        _note(connection, fault=words)
        raise
    _note(connection, fault="")
    if all(getattr(connection, name) == value for name, value in configuration.of(found).items()):
        return connection
    return take_metadata(connection, provider=found, actor=actor)


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def take_metadata(connection: SsoConnection, *, provider: Provider, actor: Actor) -> SsoConnection:
    """Take over addresses and certificates; a running connection goes on running."""
    for name, value in configuration.of(provider).items():
        setattr(connection, name, value)
    connection.save()
    return connection


def due() -> list[str]:
    """Ids of running connections whose metadata was read more than a day ago."""
    rows = SsoConnection.objects.running().exclude(metadata_url="")
    old = Q(metadata_read_at=None) | Q(metadata_read_at__lte=timezone.now() - EVERY)
    return list(rows.filter(old, kind=SsoConnection.Kind.SAML).values_list("pk", flat=True))


def _found(connection: SsoConnection) -> Provider:
    if not connection.metadata_url:
        raise InvalidInput(
            "This connection has no metadata address.",
            remedy="Paste the document into its settings, or give an address there.",
        )
    text = metadata.fetch(connection.metadata_url)
    found = metadata.read(text, now=timezone.now(), field="metadata_url")
    if connection.idp_entity_id not in ("", found.entity_id):
        raise Conflict(
            f"By now the address describes another provider, {found.entity_id}.",
            remedy="Where that is meant, save its address in the connection's settings anew.",
        )
    return found


def _note(connection: SsoConnection, *, fault: str) -> None:
    """Without a change of the connection's version: nobody's open form is overtaken by it."""
    connection.metadata_fault, connection.metadata_read_at = fault, timezone.now()
    SsoConnection.objects.filter(pk=connection.pk).update(
        metadata_fault=fault, metadata_read_at=connection.metadata_read_at
    )
