"""Sign-out at the provider too: begun here, and begun there."""

from __future__ import annotations

import base64
from datetime import timedelta
from html import unescape
from re import search
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.test import Client
from django.utils import timezone
from lxml import etree

from accounts.models import SsoConnection, User
from accounts.sso.saml import messages
from accounts.sso.saml.names import a, p
from audit.models import AuditRecord
from tests.accounts.sso.saml import browser
from tests.accounts.sso.saml.provider import Pair, pair

SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@pytest.fixture
def signed_in(client: Client, mia: User, saml: SsoConnection) -> Client:
    begun = browser.begin(client, saml)
    client.get(browser.post(saml, browser.says(saml, begun), begun.relay))
    assert client.session["_auth_user_id"] == mia.pk
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def request_of(
    connection: SsoConnection, by: Pair | None = None, *, method: str = SHA256, **changes: str
) -> str:
    """A provider's signed request, as an address of ours."""
    said = {
        "ID": "_out", "Version": "2.0", "IssueInstant": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
        "Destination": connection.url("sls"), "issuer": connection.idp_entity_id,
        "name": "mia@example.com", "index": "_session",
    } | changes  # fmt: skip
    issuer, name, index = (said.pop(each) for each in ("issuer", "name", "index"))
    root = etree.Element(p("LogoutRequest"), said)
    etree.SubElement(root, a("Issuer")).text = issuer
    etree.SubElement(root, a("NameID")).text = name
    if index:
        etree.SubElement(root, p("SessionIndex")).text = index
    url = messages.redirect_url(connection.url("sls"), "SAMLRequest", root, "back")
    query = f"{url.partition('?')[2]}&{urlencode({'SigAlg': method})}"
    key = load_pem_private_key((by or pair()).key, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
    encoded = base64.b64encode(signature).decode()
    return f"{connection.url('sls')}?{query}&{urlencode({'Signature': encoded})}"


def test_signing_out_here_leads_to_the_provider_and_back(
    signed_in: Client, saml: SsoConnection
) -> None:
    page = signed_in.post("/accounts/logout/").content.decode()
    assert not is_in(signed_in)
    found = search(r'(https://idp\.example\.com/slo\?[^"]+)"', page)
    assert found
    sent = browser.unpacked(unescape(found[1]))
    assert sent.xml.tag == p("LogoutRequest")
    assert sent.xml.findtext(a("NameID")) == "mia@example.com"
    assert sent.xml.findtext(p("SessionIndex")) == "_session"
    assert sent.xml.get("Destination") == "https://idp.example.com/slo"

    back = signed_in.get(saml.url("sls") + "?SAMLResponse=x", follow=True)
    assert "You are signed out here and at Okta." in back.content.decode()


def test_the_provider_ends_the_session(signed_in: Client, saml: SsoConnection) -> None:
    answer = signed_in.get(request_of(saml))
    assert not is_in(signed_in)
    sent = browser.unpacked(answer["Location"])
    assert sent.xml.tag == p("LogoutResponse")
    assert sent.xml.get("InResponseTo") == "_out"
    assert sent.relay == "back"


def test_a_request_about_somebody_else_ends_nothing(signed_in: Client, saml: SsoConnection) -> None:
    for url in (request_of(saml, name="olivia@example.com"), request_of(saml, index="_another")):
        assert signed_in.get(url).status_code == 302
    assert is_in(signed_in)


def test_a_request_about_all_sessions_ends_this_one(signed_in: Client, saml: SsoConnection) -> None:
    signed_in.get(request_of(saml, index=""))
    assert not is_in(signed_in)


def test_requests_of_others_end_nothing_and_are_written_down(
    signed_in: Client, saml: SsoConnection
) -> None:
    old = f"{timezone.now() - timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}"
    good = request_of(saml)
    for url in (
        request_of(saml, pair("another")),
        request_of(saml, method="http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        good.replace("SAMLRequest=", "SAMLRequest=x"),
        good.partition("&SigAlg")[0],
        request_of(saml, issuer="https://evil.example.com/"),
        request_of(saml, Destination="https://other.example.com/"),
        request_of(saml, IssueInstant=old),
    ):
        assert signed_in.get(url).status_code == 403
    assert is_in(signed_in)
    rows = AuditRecord.objects.filter(outcome="REFUSED").order_by("pk")
    assert [row.after["reason"] for row in rows] == [
        "wrong_signature", "wrong_algorithm", "wrong_signature", "wrong_algorithm",
        "wrong_issuer", "wrong_destination", "expired",
    ]  # fmt: skip
