"""What a provider says of itself: from its address, or pasted.

Source: SAML 2.0 Metadata, section 2.4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from accounts.sso.saml import certificates
from accounts.sso.saml.document import Unreadable, xml
from accounts.sso.saml.names import REDIRECT, d, m
from web.errors import DomainError, InvalidInput
from web.outgoing import http, rules

MOST_BYTES = 1024 * 1024
_LONGEST_ID = 1_000


@dataclass(frozen=True)
class Provider:
    entity_id: str
    sso_url: str
    slo_url: str
    certificates: tuple[str, ...]
    """PEM, at most two, the longest-lasting first; none has expired."""


def fetch(url: str) -> str:
    """The document at an address. Raises InvalidInput, at `metadata_url`, saying what is wrong."""
    limits = http.Limits(most_bytes=MOST_BYTES)
    try:
        answer = http.send(
            http.Request("GET", url, {"Accept": "application/samlmetadata+xml, */*"}), limits
        )
    except DomainError as fault:
        raise _bad("metadata_url", fault.cause, fault.remedy) from None
    if not answer.is_success:
        words = f"It answered {answer.status} instead of metadata."
        raise _bad("metadata_url", words, "Open the address in a browser to see what it says.")
    try:
        return answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _bad("metadata_url", "What it answered is not UTF-8.") from None


def read(text: str, *, now: datetime, field: str = "metadata_xml") -> Provider:
    """The one identity provider that a document describes.

    Raises InvalidInput, at `field`, for bad XML, for metadata of something else or that has run
    out, without an address for browsers, or without a certificate that has not expired.
    """
    try:
        root = xml(text.strip().encode(), most=MOST_BYTES)
    except Unreadable as fault:
        raise _bad(field, f"This is not metadata: {fault}", "Paste the whole document.") from None
    entity = _entity(root, field)
    _check_valid(root, entity, field, now)
    role = entity.find(m("IDPSSODescriptor"))
    if role is None:
        raise _bad(field, "This metadata describes no identity provider.")
    sso = _service(role, "SingleSignOnService", field)
    if not sso:
        raise _bad(field, "It names no sign-on address for browsers (HTTP-Redirect).")
    return Provider(
        entity_id=_entity_id(entity, field),
        sso_url=sso,
        slo_url=_service(role, "SingleLogoutService", field),
        certificates=_certificates(role, field, now),
    )


def _entity(root: etree._Element, field: str) -> etree._Element:
    """Of a federation's list only the one that is alone in it."""
    found = [root] if root.tag == m("EntityDescriptor") else list(root.iter(m("EntityDescriptor")))
    providers = [each for each in found if each.find(m("IDPSSODescriptor")) is not None]
    if len(providers) > 1:
        raise _bad(field, f"It describes {len(providers)} identity providers.", "Give that of one.")
    if not found:
        raise _bad(field, "This is XML, but no metadata of SAML 2.0.", "Paste the whole document.")
    return (providers or found)[0]


def _entity_id(entity: etree._Element, field: str) -> str:
    name = (entity.get("entityID") or "").strip()
    if not name or len(name) > _LONGEST_ID:
        raise _bad(field, "It does not name its entity ID.")
    return name


def _check_valid(root: etree._Element, entity: etree._Element, field: str, now: datetime) -> None:
    for node in (root, entity):
        until = node.get("validUntil")
        try:
            end = datetime.fromisoformat(until) if until else None
        except ValueError:
            raise _bad(field, "The end of its validity cannot be read.") from None
        if end and (end if end.tzinfo else end.replace(tzinfo=UTC)) <= now:
            words = f"This metadata was valid until {end:%Y-%m-%d}."
            raise _bad(field, words, "Get it anew from the identity provider.")


def _service(role: etree._Element, name: str, field: str) -> str:
    for node in role.findall(m(name)):
        if node.get("Binding") == REDIRECT:
            return checked_address(str(node.get("Location")), field)
    return ""


def checked_address(url: str, field: str) -> str:
    """An address that browsers are sent to. Raises InvalidInput for one that is not of the web."""
    try:
        return str(rules.checked(url))
    except DomainError as fault:
        raise _bad(field, f"The address {url[:200]} cannot be used. {fault.cause}") from None


def _certificates(role: etree._Element, field: str, now: datetime) -> tuple[str, ...]:
    texts: list[str] = []
    for key in role.findall(m("KeyDescriptor")):
        if key.get("use", "signing") == "signing":
            texts += ["".join(each.itertext()) for each in key.iter(d("X509Certificate"))]
    try:
        found = [pem for text in texts for pem in certificates.taken(text)]
    except InvalidInput as fault:
        raise _bad(field, f"One of its certificates cannot be used. {fault.cause}") from None
    if not found:
        raise _bad(field, "It holds no certificate to check signatures with.")
    return tuple(usable(found, field, now))


def usable(found: list[str], field: str, now: datetime) -> list[str]:
    """At most two of these that have not expired. Raises InvalidInput where all have."""
    lasting = certificates.in_time(dict.fromkeys(found), now)
    if not lasting:
        end = max(certificates.facts(each).expires_at for each in found)
        raise _bad(
            field,
            f"The certificate expired on {end:%Y-%m-%d}.",
            "Renew it at the identity provider and give the new one.",
        )
    return lasting[:2]


def _bad(field: str, words: str, remedy: str = "") -> InvalidInput:
    return InvalidInput(words, remedy=remedy, fields={field: f"{words} {remedy}".strip()})
