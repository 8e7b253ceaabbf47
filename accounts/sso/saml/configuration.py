"""What somebody has to say of a SAML provider, by metadata or field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import SsoConnection
from accounts.sso.saml import certificates, metadata
from accounts.sso.saml.metadata import Provider
from web.errors import InvalidInput

FIELDS = (
    "metadata_url", "metadata_xml", "idp_entity_id", "sso_url", "slo_url", "certificates",
    "idp_initiated",
)  # fmt: skip
_MOST = 2


def looked_up(values: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The values of a form, where metadata says what it does not.

    A pasted document counts before an address, either before fields. The document is not kept:
    what was read from it is. Takes up to 10 s for an address. Raises InvalidInput.
    """
    pasted, url = str(values.get("metadata_xml") or ""), str(values.get("metadata_url") or "")
    plain = {**values, "certificates": certificates.taken(str(values.get("certificates") or ""))}
    if pasted.strip():
        return {**plain, **of(metadata.read(pasted, now=now)), "metadata_xml": ""}
    if url.strip():
        found = metadata.read(metadata.fetch(url.strip()), now=now, field="metadata_url")
        return {**plain, **of(found)}
    return plain


def of(provider: Provider) -> dict[str, Any]:
    """A provider as the fields of a connection."""
    return {
        "idp_entity_id": provider.entity_id,
        "sso_url": provider.sso_url,
        "slo_url": provider.slo_url,
        "certificates": list(provider.certificates),
    }


def check(connection: SsoConnection) -> None:
    """Raise InvalidInput, naming the field, for what cannot be used; nobody is asked.

    All of it may be left out of one that is not in use: the provider is told of us first.
    """
    said = (connection.idp_entity_id, connection.sso_url, connection.certificates)
    if connection.state == SsoConnection.State.DRAFT and not any(said):
        return
    if not connection.idp_entity_id:
        raise _bad("idp_entity_id", "The provider's entity ID, which it calls issuer as well.")
    if not connection.sso_url:
        raise _bad("sso_url", "The provider's sign-on URL for HTTP-Redirect.")
    connection.sso_url = metadata.checked_address(connection.sso_url, "sso_url")
    if connection.slo_url:
        connection.slo_url = metadata.checked_address(connection.slo_url, "slo_url")
    found = connection.certificates
    if not found:
        raise _bad("certificates", "At least one certificate, to check signatures with.")
    if len(found) > _MOST:
        raise _bad("certificates", "At most two: the one in use and the one that follows it.")
    metadata.usable(found, "certificates", timezone.now())


def _bad(field: str, words: str) -> InvalidInput:
    return InvalidInput(words, fields={field: words})
