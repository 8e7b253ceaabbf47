"""Whether the identity provider signed it, by a method that counts.

Source: SAML 2.0 Core, section 5.4; XML Signature, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import xmlsec
from lxml import etree

from accounts.sso.saml import certificates
from accounts.sso.saml.document import refused
from accounts.sso.saml.names import SIGNATURE, d
from accounts.sso.saml.trust import SKEW

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
METHODS = frozenset(
    f"{_MORE}{family}-sha{bits}" for family in ("rsa", "ecdsa") for bits in (256, 384, 512)
)
"""No SHA-1, no HMAC: the latter would take a public certificate for a shared secret."""
DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        f"{_MORE}sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = f"{SIGNATURE}enveloped-signature"
_COUNTS = (
    ("canonical form", f"{d('SignedInfo')}/{d('CanonicalizationMethod')}", {_EXCLUSIVE}),
    ("method", f"{d('SignedInfo')}/{d('SignatureMethod')}", METHODS),
    ("digest", f"{d('SignedInfo')}/{d('Reference')}/{d('DigestMethod')}", DIGESTS),
)


def check(signed: etree._Element, trusted: Sequence[str], *, now: datetime) -> bool:
    """Whether `signed` carries a signature of its own; one that it carries must hold.

    Raises SignInRefused for a signature by anybody but the holder of one of the certificates, by
    a method that does not count, over anything but all of `signed`, and for an expired certificate.
    """
    node = signed.find(d("Signature"))
    if node is None:
        return False
    _check_methods(node)
    _check_reference(node, str(signed.get("ID")))
    for pem in trusted:
        if _holds(node, signed, pem):
            _check_in_time(pem, now)
            return True
    raise refused(
        "wrong_signature",
        "The answer is not signed with a certificate of this connection, or was changed.",
        remedy="Where the certificate was changed at the identity provider, an Owner adds the new "
        "one to the connection.",
    )


def _check_methods(node: etree._Element) -> None:
    for what, path, allowed in _COUNTS:
        used = [str(each.get("Algorithm")) for each in node.iterfind(path)]
        if len(used) != 1 or used[0] not in allowed:
            raise refused(
                "wrong_algorithm",
                f"The answer is signed by a {what} that does not count here: {', '.join(used)}",
                remedy="Have the identity provider sign with RSA and SHA-256.",
            )


def _check_reference(node: etree._Element, own_id: str) -> None:
    references = list(node.iter(d("Reference")))
    used = [str(each.get("Algorithm")) for each in node.iter(d("Transform"))]
    is_whole = len(references) == 1 and references[0].get("URI") == f"#{own_id}"
    if not is_whole or sorted(used) != sorted([_ENVELOPED, _EXCLUSIVE]):
        raise refused("wrong_shape", "A signature covers something else than what it stands in.")


def _holds(node: etree._Element, signed: etree._Element, pem: str) -> bool:
    """By this very certificate's key; what the answer says of keys is not read."""
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem, None)
    context.register_id(signed, "ID", None)
    try:
        context.verify(node)
    except xmlsec.Error:
        return False
    return True


def _check_in_time(pem: str, now: datetime) -> None:
    found = certificates.facts(pem)
    if found.expires_at + SKEW < now:
        raise refused(
            "expired_certificate",
            f"The provider's certificate expired on {found.expires_at:%Y-%m-%d}.",
            remedy="An Owner adds the provider's new certificate to the connection.",
        )
