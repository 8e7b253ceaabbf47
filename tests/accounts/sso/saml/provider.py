"""An identity provider that says and signs whatever a test has it say."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

from accounts.sso.saml.names import SUCCESS, a

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
IDP = "https://idp.example.com/metadata"
SP = "https://console.example.com/accounts/sso/k/metadata/"
ACS = "https://console.example.com/accounts/sso/k/acs/"


_RESPONSE = """<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_response{id}" Version="2.0"
 IssueInstant="{at}" {destination} {asked}><a:Issuer>{issuer}</a:Issuer>
<p:Status><p:StatusCode Value="{status}"/></p:Status>
<a:Assertion ID="{id}" Version="2.0" IssueInstant="{at}"><a:Issuer>{issuer}</a:Issuer>
<a:Subject><a:NameID Format="{format}">{name}</a:NameID>
<a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<a:SubjectConfirmationData NotOnOrAfter="{end}" Recipient={recipient} {confirmed}/>
</a:SubjectConfirmation></a:Subject>
<a:Conditions NotBefore="{begin}" NotOnOrAfter="{end}">{audience}</a:Conditions>
<a:AuthnStatement AuthnInstant="{at}" SessionIndex="{session}"><a:AuthnContext>
<a:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</a:AuthnContextClassRef>
</a:AuthnContext></a:AuthnStatement>{attributes}</a:Assertion></p:Response>"""
_AUDIENCE = "<a:AudienceRestriction><a:Audience>{}</a:Audience></a:AudienceRestriction>"
_ATTRIBUTE = "<a:Attribute Name={}>{}</a:Attribute>"
_VALUE = "<a:AttributeValue>{}</a:AttributeValue>"


@dataclass(frozen=True)
class Pair:
    key: bytes
    certificate: str


@lru_cache(maxsize=8)
def pair(name: str = "idp", *, days: int = 365, since: datetime = NOW) -> Pair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since - timedelta(days=4_000))
        .not_valid_after(since + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Pair(secret, made.public_bytes(Encoding.PEM).decode())


@dataclass(frozen=True)
class Says:
    """One answer, valid as it is."""

    name_id: str = "nina@acme.example"
    name_format: str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    attributes: dict[str, list[str]] = field(default_factory=dict)
    issuer: str = IDP
    audience: str = SP
    acs: str = ACS
    recipient: str = ""
    destination: str | None = None
    request: str = "_request"
    confirmed_request: str | None = None
    id: str = "_assertion"
    at: datetime = NOW
    begins: timedelta = timedelta(seconds=-30)
    ends: timedelta = timedelta(minutes=5)
    status: str = SUCCESS
    session: str = "_session"

    def xml(self) -> str:
        at, begin, end = (_time(self.at + d) for d in (timedelta(), self.begins, self.ends))
        asked = "" if self.confirmed_request is None else self.confirmed_request
        confirmed = self.request if self.confirmed_request is None else asked
        where = self.acs if self.destination is None else self.destination
        return _RESPONSE.format(
            id=self.id,
            at=at,
            begin=begin,
            end=end,
            destination=f"Destination={quoteattr(where)}" if where else "",
            asked=f"InResponseTo={quoteattr(self.request)}" if self.request else "",
            confirmed=f"InResponseTo={quoteattr(confirmed)}" if confirmed else "",
            issuer=escape(self.issuer),
            status=self.status,
            format=self.name_format,
            name=escape(self.name_id),
            recipient=quoteattr(self.recipient or self.acs),
            audience=_AUDIENCE.format(escape(self.audience)) if self.audience else "",
            session=self.session,
            attributes=self._statement(),
        )

    def _statement(self) -> str:
        found = "".join(
            _ATTRIBUTE.format(quoteattr(name), "".join(_VALUE.format(escape(v)) for v in values))
            for name, values in self.attributes.items()
        )
        return f"<a:AttributeStatement>{found}</a:AttributeStatement>" if found else ""

    def tree(self) -> etree._Element:
        return etree.fromstring(self.xml().encode())


def sign(
    node: etree._Element,
    by: Pair,
    method: Any = xmlsec.constants.TransformRsaSha256,
    digest: Any = xmlsec.constants.TransformSha256,
) -> None:
    """Sign one part of an answer, behind its issuer."""
    made = xmlsec.template.create(node, xmlsec.constants.TransformExclC14N, method, ns="ds")
    reference = xmlsec.template.add_reference(made, digest, uri=f"#{node.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    issuer = node.find(a("Issuer"))
    assert issuer is not None
    node.insert(node.index(issuer) + 1, made)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(by.key, xmlsec.constants.KeyDataFormatPem, None)
    context.register_id(node, "ID", None)
    context.sign(made)


def signed(says: Says | None = None, by: Pair | None = None) -> etree._Element:
    """An answer whose assertion is signed."""
    root = (says or Says()).tree()
    assertion = root.find(a("Assertion"))
    assert assertion is not None
    sign(assertion, by or pair())
    return root


def encoded(root: etree._Element | bytes) -> str:
    raw = root if isinstance(root, bytes) else etree.tostring(root)
    return base64.b64encode(raw).decode()


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
