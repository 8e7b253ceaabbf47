"""Which answers of a SAML provider count, and why every other does not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import xmlsec
from lxml import etree

from accounts.sso.claims import SignInRefused
from accounts.sso.saml import answer
from accounts.sso.saml.names import a, d, p
from accounts.sso.saml.trust import Trust
from tests.accounts.sso.saml.provider import (
    ACS,
    IDP,
    NOW,
    SP,
    Pair,
    Says,
    encoded,
    pair,
    sign,
    signed,
)

SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"


def trust(*certificates: str) -> Trust:
    own = certificates or (pair().certificate,)
    return Trust(IDP, "https://idp.example.com/sso", "", own, SP, ACS, "")


def verify(
    root: etree._Element | bytes, *certificates: str, now: datetime = NOW
) -> answer.Assertion:
    return answer.verify(encoded(root), trust(*certificates), now=now)


def reason(root: etree._Element | bytes, *certificates: str, now: datetime = NOW) -> str:
    """Why it is refused, in the word for machines."""
    with pytest.raises(SignInRefused) as refusal:
        verify(root, *certificates, now=now)
    assert refusal.value.cause
    assert refusal.value.remedy
    return refusal.value.reason


def test_a_signed_assertion_says_who_came() -> None:
    says = Says(attributes={"firstName": ["Nina"], "groups": ["data", "eng & ops"]})
    found = verify(signed(says))
    assert found.name_id == "nina@acme.example"
    assert found.in_response_to == "_request"
    assert found.session_index == "_session"
    assert found.attributes == {"firstName": ("Nina",), "groups": ("data", "eng & ops")}
    assert found.expires_at == NOW + timedelta(minutes=6)


def test_a_signed_response_is_as_good() -> None:
    root = Says().tree()
    sign(root, pair())
    assert verify(root).name_id == "nina@acme.example"


def test_two_certificates_count_at_once() -> None:
    old, new = pair("old"), pair("new")
    for each in (old, new):
        assert verify(signed(by=each), old.certificate, new.certificate).id == "_assertion"


@pytest.mark.parametrize("bits", [256, 384, 512])
def test_longer_digests_count(bits: int) -> None:
    root = Says().tree()
    method = getattr(xmlsec.constants, f"TransformRsaSha{bits}")
    sign(root[-1], pair(), method, getattr(xmlsec.constants, f"TransformSha{bits}"))
    assert verify(root).id == "_assertion"


def test_a_clock_may_be_a_minute_off() -> None:
    root = signed()
    assert verify(root, now=NOW - timedelta(seconds=90)).id == "_assertion"
    assert verify(root, now=NOW + timedelta(minutes=5, seconds=59)).id == "_assertion"
    assert reason(root, now=NOW - timedelta(seconds=91)) == "not_yet_valid"
    assert reason(root, now=NOW + timedelta(minutes=6)) == "expired"


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (Says(issuer="https://evil.example.com/"), "wrong_issuer"),
        (Says(audience="https://other.example.com/"), "wrong_audience"),
        (Says(audience=""), "wrong_audience"),
        (Says(destination="https://other.example.com/acs/"), "wrong_destination"),
        (Says(destination=f"{ACS}x"), "wrong_destination"),
        (Says(recipient="https://other.example.com/acs/"), "wrong_recipient"),
        (Says(recipient=f"{ACS}x"), "wrong_recipient"),
        (Says(confirmed_request="_another"), "wrong_request"),
        (Says(request="", confirmed_request="_another"), "wrong_request"),
        (Says(ends=timedelta(minutes=-2)), "expired"),
        (Says(begins=timedelta(minutes=2)), "not_yet_valid"),
        (Says(name_id=""), "no_subject"),
        (Says(status="urn:oasis:names:tc:SAML:2.0:status:Responder"), "refused_by_provider"),
    ],
)
def test_it_must_be_for_us_and_of_now(says: Says, why: str) -> None:
    assert reason(signed(says)) == why


def test_nothing_unsigned_counts() -> None:
    assert reason(Says().tree()) == "unsigned"


def test_nothing_of_another_providers_key_counts() -> None:
    assert reason(signed(by=pair("another"))) == "wrong_signature"


def test_the_certificate_that_an_answer_brings_is_not_read() -> None:
    """Who signs with a key of their own may not name it as the one to check with."""
    root = Says().tree()
    own = pair("another")
    sign(root[-1], own)
    node = root.find(f".//{d('Signature')}")
    info = etree.SubElement(etree.SubElement(node, d("KeyInfo")), d("X509Data"))
    body = "".join(own.certificate.splitlines()[1:-1])
    etree.SubElement(info, d("X509Certificate")).text = body
    assert reason(root) == "wrong_signature"


def test_an_expired_certificate_does_not_count() -> None:
    ended = pair("ended", days=-1)
    assert reason(signed(by=ended), ended.certificate) == "expired_certificate"


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (xmlsec.constants.TransformRsaSha1, xmlsec.constants.TransformSha256),
        (xmlsec.constants.TransformRsaSha256, xmlsec.constants.TransformSha1),
    ],
)
def test_sha_1_does_not_count(method: str, digest: str) -> None:
    root = Says().tree()
    sign(root[-1], pair(), method, digest)
    assert reason(root) == "wrong_algorithm"


def test_no_shared_secret_counts_as_a_signature() -> None:
    """A public certificate is no secret: HMAC with it would let everybody sign."""
    root = signed()
    node = root.find(f".//{d('SignatureMethod')}")
    assert node is not None
    node.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    assert reason(root) == "wrong_algorithm"


def test_a_changed_name_breaks_the_signature() -> None:
    root = signed()
    node = root.find(f".//{a('NameID')}")
    assert node is not None
    node.text = "olivia@acme.example"
    assert reason(root) == "wrong_signature"


def test_a_comment_in_a_name_is_refused() -> None:
    """Canonical form leaves comments out, so the signature would still hold."""
    root = signed(Says(name_id="olivia@acme.example.evil.example"))
    raw = etree.tostring(root).replace(
        b"olivia@acme.example.evil", b"olivia@acme.example<!-- -->.evil"
    )
    assert reason(raw) == "xml_comment"
    assert reason(raw.replace(b"<!-- -->", b"<?x y?>")) == "xml_comment"


BOMB = b"""<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><r>&b;</r>"""
FILE = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>"""
REMOTE = b"""<!DOCTYPE r SYSTEM "http://127.0.0.1:9/evil.dtd"><r/>"""


@pytest.mark.parametrize(
    "raw",
    [
        BOMB, FILE, REMOTE, FILE.decode().encode("utf-16"), b"", b"no xml", b"<a/>", b"\x00",
        b"<?xml version='1.0' encoding='utf-7'?>+ADw-", b"<a>" * 50_000, b" " * 300_000,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(raw: bytes) -> None:
    assert reason(raw) == "bad_xml"


def test_what_is_not_even_base64_is_refused() -> None:
    with pytest.raises(SignInRefused, match="cannot be read"):
        answer.verify("%%%", trust(), now=NOW)


def test_an_encrypted_assertion_says_what_to_do() -> None:
    root = signed()
    root.append(etree.Element(a("EncryptedAssertion")))
    assert reason(root) == "encrypted"


# Signature wrapping: the signed original stays somewhere, a forged one is to be read instead.
# The eight of Somorovsky et al., 2012, as SAML Raider numbers them.


def forged(original: etree._Element) -> etree._Element:
    made = copy.deepcopy(original)
    made.set("ID", "_forged")
    name = made.find(f".//{a('NameID')}")
    assert name is not None
    name.text = "olivia@acme.example"
    for node in made.findall(d("Signature")):
        made.remove(node)
    return made


def _parts(is_response: bool) -> tuple[etree._Element, etree._Element, etree._Element]:
    """An answer, what is signed in it, and the signature."""
    root = Says().tree()
    target = root if is_response else root[-1]
    sign(target, pair())
    node = target.find(d("Signature"))
    assert node is not None
    return root, target, node


def xsw1() -> etree._Element:
    """A forged response, with the signed one inside the signature."""
    root, _, node = _parts(is_response=True)
    original = copy.deepcopy(root)
    original.remove(original.find(d("Signature")))
    made = forged(root)
    node = copy.deepcopy(node)
    made.insert(1, node)
    node.append(original)
    return made


def xsw2() -> etree._Element:
    """As before, the signed one before the signature."""
    made = xsw1()
    node = made.find(d("Signature"))
    original = node.find(p("Response"))
    made.insert(1, original)
    return made


def xsw3() -> etree._Element:
    """A forged assertion before the signed one."""
    root, original, _ = _parts(is_response=False)
    root.insert(root.index(original), forged(original))
    return root


def xsw4() -> etree._Element:
    """The signed assertion inside the forged one."""
    root, original, _ = _parts(is_response=False)
    made = forged(original)
    root.append(made)
    made.append(original)
    return root


def xsw5() -> etree._Element:
    """The forged assertion carries the signature, and the signed one stands at the end."""
    root, original, node = _parts(is_response=False)
    bare = copy.deepcopy(original)
    bare.remove(bare.find(d("Signature")))
    made = forged(original)
    made.insert(1, copy.deepcopy(node))
    root.remove(original)
    root.append(made)
    root.append(bare)
    return root


def xsw6() -> etree._Element:
    """The same, the signed one inside the signature."""
    root = xsw5()
    bare = root[-1]
    root.find(f".//{d('Signature')}").append(bare)
    return root


def xsw7() -> etree._Element:
    """The forged one in an extension, which the schema lets hold anything."""
    root, original, _ = _parts(is_response=False)
    extensions = etree.Element(p("Extensions"))
    extensions.append(forged(original))
    root.insert(1, extensions)
    return root


def xsw8() -> etree._Element:
    """The signed one in an object of the forged one's signature."""
    root = xsw5()
    bare = root[-1]
    node = root.find(f".//{d('Signature')}")
    etree.SubElement(node, d("Object")).append(bare)
    return root


def xsw_same_id() -> etree._Element:
    """Both with one ID, so that the reference may mean either."""
    root = xsw3()
    root.find(a("Assertion")).set("ID", "_assertion")
    return root


def xsw_object_alone() -> etree._Element:
    """One assertion is to be counted: the other hides in the reference of an object."""
    root, original, node = _parts(is_response=False)
    name = original.find(f"{a('Subject')}/{a('NameID')}")
    name.text = "olivia@acme.example"
    etree.SubElement(node, d("Object"), Id="_other")
    node.find(f".//{d('Reference')}").set("URI", "#_other")
    return root


def xsw_empty_reference() -> etree._Element:
    """A reference to the whole document, wherever that is."""
    root, _, node = _parts(is_response=False)
    node.find(f".//{d('Reference')}").set("URI", "")
    return root


def xsw_transform() -> etree._Element:
    """A transform that lets parts of the assertion go unsigned."""
    root, _, node = _parts(is_response=False)
    transforms = node.find(f".//{d('Transform')}").getparent()
    name = "http://www.w3.org/TR/1999/REC-xpath-19991116"
    etree.SubElement(transforms, d("Transform"), Algorithm=name)
    return root


WRAPPINGS = (
    xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8, xsw_same_id, xsw_object_alone,
    xsw_empty_reference, xsw_transform,
)  # fmt: skip


@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_a_signature_covers_what_is_read(wrap: Callable[[], etree._Element]) -> None:
    assert reason(wrap()) in ("wrong_shape", "wrong_signature")


def test_a_response_must_follow_the_schema() -> None:
    root = signed()
    etree.SubElement(root, p("Extra"))
    assert reason(root) == "wrong_shape"


def test_keys_of_tests_are_not_all_the_same() -> None:
    made: list[Pair] = [pair(), pair("another")]
    assert made[0].certificate != made[1].certificate
