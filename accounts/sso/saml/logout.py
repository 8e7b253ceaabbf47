"""A provider that ends somebody's session here, by redirect and signed.

Source: SAML 2.0 Bindings, section 3.4.4.1 (the signature is over the query as it was written);
Profiles, section 4.4.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from lxml import etree

from accounts.sso.saml import document
from accounts.sso.saml.answer import moment
from accounts.sso.saml.document import Unreadable, refused
from accounts.sso.saml.names import a, p
from accounts.sso.saml.signature import METHODS
from accounts.sso.saml.trust import SKEW, Trust

_LONGEST_QUERY = 16 * 1024
_MOST_BYTES = 64 * 1024
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@dataclass(frozen=True)
class Asked:
    """Whose sessions the provider has ended."""

    id: str
    name_id: str
    session_indexes: tuple[str, ...]
    """Empty: all of them."""


def verify(query: str, trust: Trust, *, now: datetime) -> Asked:
    """A logout request in an address. Raises SignInRefused unless it is the provider's and new."""
    if len(query) > _LONGEST_QUERY:
        raise refused("bad_xml", "The request is too long.")
    written = dict(each.partition("=")[::2] for each in query.split("&"))
    _check_signature(written, trust)
    root = _root(unquote_plus(written.get("SAMLRequest", "")))
    if root.tag != p("LogoutRequest"):
        raise refused("bad_xml", "This is no request to sign out.")
    if (root.findtext(a("Issuer")) or "").strip() != trust.idp_entity_id:
        raise refused("wrong_issuer", "Another provider than the connection's asks to sign out.")
    if root.get("Destination") != trust.sls_url:
        raise refused("wrong_destination", "The request is meant for another address.")
    if moment(root.get("NotOnOrAfter") or root.get("IssueInstant")) + 5 * SKEW <= now:
        raise refused("expired", "The request came too late.")
    name = (root.findtext(a("NameID")) or "").strip()
    indexes = tuple((each.text or "").strip() for each in root.findall(p("SessionIndex")))
    return Asked(str(root.get("ID")), name, indexes)


def _root(encoded: str) -> etree._Element:
    try:
        reader = zlib.decompressobj(wbits=-15)
        raw = reader.decompress(base64.b64decode(encoded, validate=True), _MOST_BYTES)
        return document.xml(raw, most=_MOST_BYTES)
    except (Unreadable, binascii.Error, zlib.error, ValueError):
        raise refused("bad_xml", "The request to sign out cannot be read.") from None


def _check_signature(written: Mapping[str, str], trust: Trust) -> None:
    method = unquote_plus(written.get("SigAlg", ""))
    if method not in METHODS:
        raise refused("wrong_algorithm", "The request to sign out is not signed as it has to be.")
    fields = ("SAMLRequest", "RelayState", "SigAlg")
    said = "&".join(f"{name}={written[name]}" for name in fields if name in written).encode()
    try:
        signature = base64.b64decode(unquote_plus(written.get("Signature", "")), validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    if not any(_holds(pem, signature, said, method) for pem in trust.certificates):
        raise refused("wrong_signature", "The request to sign out is not signed by the provider.")


def _holds(pem: str, signature: bytes, said: bytes, method: str) -> bool:
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    family, _, digest = method.rpartition("#")[2].partition("-")
    try:
        if family == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, said, padding.PKCS1v15(), _HASHES[digest])
        elif family == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, said, ec.ECDSA(_HASHES[digest]))
        else:
            return False
    except InvalidSignature:
        return False
    return True
