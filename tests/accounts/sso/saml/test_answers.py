"""Which answers of a SAML provider count, and why every other does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree

from accounts.sso.claims import SignInRefused
from accounts.sso.saml import answer
from accounts.sso.saml.names import a, p
from tests.accounts.sso.saml.documents import BOMB, FILE, REMOTE
from tests.accounts.sso.saml.provider import ACS, NOW, Says, signed
from tests.accounts.sso.saml.reading import reason, trust, verify


def test_a_signed_assertion_says_who_came() -> None:
    says = Says(attributes={"firstName": ["Nina"], "groups": ["data", "eng & ops"]})
    found = verify(signed(says))
    assert found.name_id == "nina@acme.example"
    assert found.in_response_to == "_request"
    assert found.session_index == "_session"
    assert found.attributes == {"firstName": ("Nina",), "groups": ("data", "eng & ops")}
    assert found.expires_at == NOW + timedelta(minutes=6)


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


def test_a_response_must_follow_the_schema() -> None:
    root = signed()
    etree.SubElement(root, p("Extra"))
    assert reason(root) == "wrong_shape"
