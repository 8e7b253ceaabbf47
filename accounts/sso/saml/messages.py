"""What goes out: requests and answers by redirect, and what the console says of itself.

Source: SAML 2.0 Core, sections 3.4 and 3.7; Bindings, section 3.4; Metadata, section 2.4.4.
"""

from __future__ import annotations

import base64
import secrets
import zlib
from datetime import UTC, datetime
from urllib.parse import urlencode

from lxml import etree

from accounts.sso.saml.names import EMAIL, POST, REDIRECT, SUCCESS, UNSPECIFIED, a, m, p
from accounts.sso.saml.names import NAMESPACES as _KNOWN
from accounts.sso.saml.trust import Trust

_PREFIXES = {"samlp": _KNOWN["p"], "saml": _KNOWN["a"]}


def new_id() -> str:
    """160 bits that nobody guesses, as an XML name."""
    return f"_{secrets.token_hex(20)}"


def authn_request_url(trust: Trust, request_id: str, relay: str, *, now: datetime) -> str:
    """Where a browser goes to be asked who it is."""
    root = _message("AuthnRequest", request_id, trust.sso_url, trust, now)
    root.set("ProtocolBinding", POST)
    root.set("AssertionConsumerServiceURL", trust.acs_url)
    etree.SubElement(root, p("NameIDPolicy"), Format=UNSPECIFIED, AllowCreate="true")
    return redirect_url(trust.sso_url, "SAMLRequest", root, relay)


def logout_request_url(
    trust: Trust, *, name_id: str, name_format: str, session_index: str, relay: str, now: datetime
) -> str:
    """Where a browser goes to end the session at the provider as well."""
    root = _message("LogoutRequest", new_id(), trust.slo_url, trust, now)
    name = etree.SubElement(root, a("NameID"))
    name.text = name_id
    if name_format:
        name.set("Format", name_format)
    if session_index:
        etree.SubElement(root, p("SessionIndex")).text = session_index
    return redirect_url(trust.slo_url, "SAMLRequest", root, relay)


def logout_response_url(trust: Trust, in_response_to: str, relay: str, *, now: datetime) -> str:
    """Back to a provider that ended a session here."""
    root = _message("LogoutResponse", new_id(), trust.slo_url, trust, now)
    root.set("InResponseTo", in_response_to)
    status = etree.SubElement(root, p("Status"))
    etree.SubElement(status, p("StatusCode"), Value=SUCCESS)
    return redirect_url(trust.slo_url, "SAMLResponse", root, relay)


def own_metadata(trust: Trust) -> bytes:
    """What a provider may read instead of fields typed by hand."""
    root = etree.Element(m("EntityDescriptor"), nsmap={"md": _KNOWN["m"]})
    root.set("entityID", trust.sp_entity_id)
    role = etree.SubElement(
        root,
        m("SPSSODescriptor"),
        AuthnRequestsSigned="false",
        WantAssertionsSigned="true",
        protocolSupportEnumeration=_KNOWN["p"],
    )
    etree.SubElement(role, m("SingleLogoutService"), Binding=REDIRECT, Location=trust.sls_url)
    etree.SubElement(role, m("NameIDFormat")).text = EMAIL
    etree.SubElement(
        role,
        m("AssertionConsumerService"),
        Binding=POST,
        Location=trust.acs_url,
        index="0",
        isDefault="true",
    )
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def redirect_url(target: str, field: str, root: etree._Element, relay: str) -> str:
    """A message in an address: deflated without header, then base64."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(etree.tostring(root)) + packer.flush()
    fields = {field: base64.b64encode(packed).decode()} | ({"RelayState": relay} if relay else {})
    return f"{target}{'&' if '?' in target else '?'}{urlencode(fields)}"


def _message(name: str, own_id: str, target: str, trust: Trust, now: datetime) -> etree._Element:
    root = etree.Element(p(name), nsmap=_PREFIXES)
    for key, value in {
        "ID": own_id,
        "Version": "2.0",
        "IssueInstant": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Destination": target,
    }.items():
        root.set(key, value)
    etree.SubElement(root, a("Issuer")).text = trust.sp_entity_id
    return root
