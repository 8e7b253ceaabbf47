"""Names that SAML and XML Signature give to things."""

from __future__ import annotations

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
REASONS = frozenset(
    f"urn:oasis:names:tc:SAML:2.0:status:{name}"
    for name in (
        "Requester", "Responder", "VersionMismatch", "AuthnFailed", "InvalidNameIDPolicy",
        "NoAuthnContext", "NoAvailableIDP", "NoPassive", "NoSupportedIDP", "PartialLogout",
        "RequestDenied", "RequestUnsupported", "UnknownPrincipal", "UnsupportedBinding",
    )
)  # fmt: skip
"""Why somebody was not signed in (Core, section 3.2.2.2)."""
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

NAMESPACES = {"p": PROTOCOL, "a": ASSERTION, "m": METADATA, "d": SIGNATURE}
"""For paths."""


def p(name: str) -> str:
    return f"{{{PROTOCOL}}}{name}"


def a(name: str) -> str:
    return f"{{{ASSERTION}}}{name}"


def m(name: str) -> str:
    return f"{{{METADATA}}}{name}"


def d(name: str) -> str:
    return f"{{{SIGNATURE}}}{name}"
