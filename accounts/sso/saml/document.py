"""XML of a stranger: read without following anything, and of one shape only.

Source: SAML 2.0 Core, sections 2 and 3; for what is refused, Somorovsky et al., "On Breaking SAML:
Be Whoever You Want to Be" (signature wrapping).
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from pathlib import Path

import onelogin.saml2
from lxml import etree

from accounts.sso.claims import SignInRefused
from accounts.sso.saml.names import a, d, p

MOST_BYTES = 256 * 1024
_IDS = frozenset({"ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id"})
_SCHEMAS = Path(onelogin.saml2.__file__).parent / "schemas"


class Unreadable(ValueError):
    """Why a text is not taken as XML, in words."""


def read(encoded: str) -> etree._Element:
    """The one response in a form field: one assertion, signatures only where they count.

    Raises SignInRefused for everything else, whoever signed it.
    """
    try:
        root = xml(base64.b64decode("".join(encoded.split()), validate=True), most=MOST_BYTES)
    except (Unreadable, binascii.Error, ValueError) as fault:
        raise refused("bad_xml", f"The answer cannot be read: {fault}") from None
    if root.tag != p("Response") or root.get("Version") != "2.0":
        raise refused("bad_xml", "The answer is not a response of SAML 2.0.")
    _check_plain(root)
    return root


def xml(raw: bytes, *, most: int) -> etree._Element:
    """Parse without document types, entities, network or another encoding than UTF-8.

    Raises Unreadable.
    """
    if len(raw) > most:
        raise Unreadable(f"it is longer than {most:,} bytes.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8.") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text or "\0" in text:
        raise Unreadable("it declares a document type.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        attribute_defaults=False, huge_tree=False, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"it is no XML (line {error.lineno}).") from None
    if root.getroottree().docinfo.doctype:
        raise Unreadable("it declares a document type.")
    return root


def check_response(root: etree._Element) -> etree._Element:
    """Its only assertion. Raises SignInRefused unless it is where it belongs, and is alone."""
    if root.find(f".//{a('EncryptedAssertion')}") is not None:
        raise refused(
            "encrypted",
            "The assertion is encrypted, and the console has no key to open it.",
            remedy="Turn assertion encryption off at the identity provider; TLS protects it.",
        )
    assertions = list(root.iter(a("Assertion")))
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise refused("wrong_shape", f"The answer holds {len(assertions)} assertions, not one.")
    if sum(1 for _ in root.iter(p("Response"))) != 1:
        raise refused("wrong_shape", "The answer holds another answer.")
    _check_signatures_stand(root, assertions[0])
    if not _schema("saml-schema-protocol-2.0.xsd").validate(root):
        raise refused("wrong_shape", "The answer does not follow the schema of SAML 2.0.")
    return assertions[0]


def _check_plain(root: etree._Element) -> None:
    """No comment or instruction, which canonical form leaves out: who adds one to what is signed
    cuts a name in two for readers that look at the first piece. And no id twice."""
    seen: set[str] = set()
    for node in root.iter():
        if not isinstance(node.tag, str):
            raise refused("xml_comment", "The answer holds comments or instructions.")
        for name in _IDS.intersection(node.attrib.keys()):
            value = str(node.attrib[name])
            if value in seen:
                raise refused("wrong_shape", "Two parts of the answer have the same ID.")
            seen.add(value)


def _check_signatures_stand(root: etree._Element, assertion: etree._Element) -> None:
    """A signature is of what it stands in: the response or the assertion, and each has one."""
    parents = [each.getparent() for each in root.iter(d("Signature"))]
    if any(each is not root and each is not assertion for each in parents):
        raise refused("wrong_shape", "A signature stands where none belongs.")
    if len(parents) != len({id(each) for each in parents}):
        raise refused("wrong_shape", "One part of the answer has two signatures.")
    if root.find(f".//{d('Object')}") is not None:
        raise refused("wrong_shape", "A signature carries something of its own.")


def refused(reason: str, cause: str, *, remedy: str = "") -> SignInRefused:
    usual = "Begin again at the sign-in page. If it stays so, ask whoever looks after the provider."
    return SignInRefused(reason, cause, remedy=remedy or usual)


@lru_cache(maxsize=2)
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_SCHEMAS / name)))
