"""Which signature of a SAML provider counts, and that it covers what is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xmlsec
from lxml import etree

from accounts.sso.saml.names import a, d
from tests.accounts.sso.saml.provider import Pair, Says, pair, sign, signed
from tests.accounts.sso.saml.reading import reason, verify
from tests.accounts.sso.saml.wrappings import WRAPPINGS


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


@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_a_signature_covers_what_is_read(wrap: Callable[[], etree._Element]) -> None:
    assert reason(wrap()) in ("wrong_shape", "wrong_signature")


def test_keys_of_tests_are_not_all_the_same() -> None:
    made: list[Pair] = [pair(), pair("another")]
    assert made[0].certificate != made[1].certificate
