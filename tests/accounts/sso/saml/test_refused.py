"""Every answer that must not count, posted to the real address, and the row that it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import xmlsec
from django.test import Client
from lxml import etree

from accounts.models import SsoConnection, SsoIdentity, User
from accounts.sso.saml.names import a, p
from audit.models import AuditRecord, Outcome
from tests.accounts.sso.saml import browser
from tests.accounts.sso.saml.documents import BOMB, FILE, REMOTE
from tests.accounts.sso.saml.provider import Says, pair, sign, signed
from tests.accounts.sso.saml.wrappings import WRAPPINGS

Answer = Any
"""The tree of an answer, or its text."""
ELSEWHERE = "https://other.example.com/"


@dataclass(frozen=True)
class Bad:
    make: Callable[[Says], Answer]
    """From a good answer to this very browser, which the provider has not signed yet."""
    reason: str
    cause: str
    """How the words begin that stand in the log."""


def but(**changes: object) -> Callable[[Says], Answer]:
    """Signed as it should be, but saying something else."""
    return lambda says: signed(replace(says, **changes))  # type: ignore[arg-type]


def by_method(method: Any, digest: Any = xmlsec.constants.TransformSha256) -> Callable[..., Answer]:
    def make(says: Says) -> Answer:
        root = says.tree()
        sign(root[-1], pair(), method, digest)
        return root

    return make


def by_the_certificate(says: Says) -> Answer:
    """HMAC, with the public certificate taken for a shared secret."""
    root = says.tree()
    node = root[-1]
    constants = xmlsec.constants
    made = xmlsec.template.create(
        node, constants.TransformExclC14N, constants.TransformHmacSha256, ns="ds"
    )
    uri = f"#{node.get('ID')}"
    reference = xmlsec.template.add_reference(made, constants.TransformSha256, uri=uri)
    xmlsec.template.add_transform(reference, constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, constants.TransformExclC14N)
    node.insert(1, made)
    context = xmlsec.SignatureContext()
    secret = pair().certificate.encode()
    context.key = xmlsec.Key.from_binary_data(constants.KeyDataHmac, secret)
    context.register_id(node, "ID", None)
    context.sign(made)
    return root


def renamed(says: Says) -> Answer:
    root = signed(says)
    name = root.find(f".//{a('NameID')}")
    assert name is not None
    name.text = "olivia@example.com"
    return root


def commented(says: Says) -> Answer:
    return etree.tostring(signed(says)).replace(b"mia@example", b"mia<!-- -->@example")


def encrypted(says: Says) -> Answer:
    root = signed(says)
    root.append(etree.Element(a("EncryptedAssertion")))
    return root


UNREADABLE = "The answer cannot be read: it declares a document type."
FOREIGN_KEY = "The answer is not signed with a certificate of this connection, or was changed."
CASES = {
    "unsigned": Bad(lambda says: says.tree(), "unsigned", "Neither the answer nor its assertion"),
    "another key": Bad(
        lambda says: signed(says, pair("another")), "wrong_signature", FOREIGN_KEY
    ),
    "changed later": Bad(renamed, "wrong_signature", FOREIGN_KEY),
    "SHA-1": Bad(
        by_method(xmlsec.constants.TransformRsaSha1),
        "wrong_algorithm",
        "The answer is signed by a method that does not count here: "
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    ),
    "SHA-1 as digest": Bad(
        by_method(xmlsec.constants.TransformRsaSha256, xmlsec.constants.TransformSha1),
        "wrong_algorithm",
        "The answer is signed by a digest that does not count here: "
        "http://www.w3.org/2000/09/xmldsig#sha1",
    ),
    "HMAC": Bad(
        by_the_certificate,
        "wrong_algorithm",
        "The answer is signed by a method that does not count here: "
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    ),
    "issuer": Bad(but(issuer=ELSEWHERE), "wrong_issuer", f"The answer is by {ELSEWHERE}, which"),
    "audience": Bad(
        but(audience=ELSEWHERE), "wrong_audience", "The assertion is not meant for this console."
    ),
    "no audience": Bad(
        but(audience=""), "wrong_audience", "The assertion is not meant for this console."
    ),
    "destination": Bad(
        but(destination=ELSEWHERE), "wrong_destination", "The answer is meant for another address"
    ),
    "recipient": Bad(
        but(recipient=ELSEWHERE), "wrong_recipient", "The assertion is meant for another address"
    ),
    "expired": Bad(but(ends=timedelta(minutes=-2)), "expired", "The answer came too late"),
    "not yet valid": Bad(
        but(begins=timedelta(minutes=2)), "not_yet_valid", "The assertion is not valid yet."
    ),
    "two requests": Bad(
        but(confirmed_request="_other"), "wrong_request", "Answer and assertion are of different"
    ),
    "comment": Bad(commented, "xml_comment", "The answer holds comments or instructions."),
    "encrypted": Bad(encrypted, "encrypted", "The assertion is encrypted, and the console has no"),
    "entity of a file": Bad(lambda _: FILE, "bad_xml", UNREADABLE),
    "entities in entities": Bad(lambda _: BOMB, "bad_xml", UNREADABLE),
    "document type elsewhere": Bad(lambda _: REMOTE, "bad_xml", UNREADABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_signs_nobody_in_and_leaves_its_row(
    client: Client, mia: User, saml: SsoConnection, name: str
) -> None:
    bad = CASES[name]
    begun = browser.begin(client, saml)

    page = client.get(browser.post(saml, bad.make(browser.says(saml, begun)), begun.relay))

    row = refused_row(client, saml)
    assert row.after["reason"] == bad.reason
    assert str(row.after["cause"]).startswith(bad.cause)
    assert page.status_code == 403
    assert "You were not signed in" in page.content.decode()


@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_no_wrapping_signs_anybody_in(
    client: Client, mia: User, saml: SsoConnection, wrap: Callable[[], etree._Element]
) -> None:
    begun = browser.begin(client, saml)

    page = client.get(browser.post(saml, wrap(), begun.relay))

    assert page.status_code == 403
    assert refused_row(client, saml).after["reason"] in ("wrong_shape", "wrong_signature")


def told(says: Says, words: str) -> etree._Element:
    """The provider's refusal, with words of its own."""
    root = replace(says, status="urn:oasis:names:tc:SAML:2.0:status:Responder").tree()
    (status,) = root.iter(p("Status"))
    etree.SubElement(status, p("StatusMessage")).text = words
    return root


def test_nobody_puts_words_into_the_providers_mouth(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    begun = browser.begin(client, saml)

    page = client.get(
        browser.post(saml, told(browser.says(saml, begun), "Call 555"), begun.relay)
    )  # fmt: skip

    assert "Call 555" not in page.content.decode()
    cause = "The identity provider did not sign you in: Responder"
    assert refused_row(client, saml).after["cause"] == cause


def test_what_the_provider_signed_is_told(client: Client, mia: User, saml: SsoConnection) -> None:
    begun = browser.begin(client, saml)
    root = told(browser.says(saml, begun), "Not yours")
    sign(root, pair())

    client.get(browser.post(saml, root, begun.relay))

    cause = "The identity provider did not sign you in: Not yours"
    assert refused_row(client, saml).after["cause"] == cause


def test_an_expired_certificate_signs_nobody_in(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    ended = pair("ended", days=-1)
    saml.certificates = [ended.certificate]
    saml.save()
    begun = browser.begin(client, saml)

    client.get(browser.post(saml, browser.says(saml, begun), begun.relay, by=ended))

    row = refused_row(client, saml)
    assert row.after["reason"] == "expired_certificate"
    assert row.after["cause"] == "The provider's certificate expired on 2026-11-27."


def test_an_answer_that_came_before_signs_nobody_in(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    begun = browser.begin(client, saml)
    answer = signed(browser.says(saml, begun))
    browser.post(saml, answer, begun.relay)

    client.get(browser.post(saml, answer, begun.relay))

    row = refused_row(client, saml)
    assert (row.after["reason"], row.after["cause"]) == ("replay", "This answer was used before.")


def refused_row(client: Client, saml: SsoConnection) -> AuditRecord:
    """The one that the refusal left, in the log of the Organization whose connection it is."""
    assert "_auth_user_id" not in client.session
    assert not SsoIdentity.objects.exists()
    row = AuditRecord.objects.get(action="accounts.sso_sign_in")
    assert row.outcome == Outcome.REFUSED
    assert (row.organization_id, row.target_id) == (saml.organization_id, saml.pk)
    assert row.source_ip == "127.0.0.1"
    return row
