"""What a provider says of itself: read from a document or its address, or refused with a cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from threading import Thread
from typing import ClassVar

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from access.actor import system
from access.policy import PermissionDenied
from accounts import tasks
from accounts.models import SsoConnection, User
from accounts.services import sso_metadata
from accounts.sso.saml import configuration, metadata, watching
from audit.models import AuditRecord
from installation import health
from tests import factories
from tests.accounts.sso.saml.provider import NOW, pair
from web.errors import DomainError, InvalidInput

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def document(
    *certificates: str, sso: str = "https://idp.example.com/sso", binding: str = REDIRECT,
    role: str = "IDPSSODescriptor", attributes: str = "", use: str = "signing",
) -> str:  # fmt: skip
    keys = "".join(
        f'<m:KeyDescriptor use="{use}"><d:KeyInfo><d:X509Data><d:X509Certificate>'
        f"{''.join(each.splitlines()[1:-1])}"
        "</d:X509Certificate></d:X509Data></d:KeyInfo></m:KeyDescriptor>"
        for each in certificates
    )
    return f"""<?xml version="1.0"?>
<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata"
  xmlns:d="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com/" {attributes}>
<m:{role} protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}
<m:SingleLogoutService Binding="{REDIRECT}" Location="https://idp.example.com/slo"/>
<m:SingleSignOnService Binding="{binding}" Location="{sso}"/>
</m:{role}></m:EntityDescriptor>"""


def why(text: str) -> str:
    with pytest.raises(InvalidInput) as refusal:
        metadata.read(text, now=NOW)
    return refusal.value.fields["metadata_xml"]


def test_it_names_addresses_and_certificates() -> None:
    found = metadata.read(document(pair().certificate), now=NOW)
    assert found.entity_id == "https://idp.example.com/"
    assert found.sso_url == "https://idp.example.com/sso"
    assert found.slo_url == "https://idp.example.com/slo"
    assert found.certificates == (pair().certificate,)


def test_of_several_certificates_the_two_that_last_longest_count() -> None:
    early, late, ended = pair("early", days=10), pair("late", days=900), pair("ended", days=-1)
    given = (early.certificate, ended.certificate, late.certificate)
    found = metadata.read(document(*given), now=NOW)
    assert found.certificates == (late.certificate, early.certificate)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no XML"),
        ("hello", "no XML"),
        ("<html></html>", "no metadata of SAML 2.0"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "document type"),
        ("<a>" * 400_000, "longer than 1,048,576 bytes"),
        (document(pair().certificate, role="SPSSODescriptor"), "no identity provider"),
        (document(pair().certificate, binding=POST), "no sign-on address for browsers"),
        (document(pair().certificate, sso="javascript:alert(1)"), "cannot be used"),
        (document(), "no certificate"),
        (document(pair().certificate, use="encryption"), "no certificate"),
        (document("x\nbm8gY2VydGlmaWNhdGU=\ny"), "One of its certificates cannot be used"),
        (document(pair("ended", days=-1).certificate), "The certificate expired on 2026-11-27"),
        (
            document(pair().certificate, attributes='validUntil="2026-01-01T00:00:00Z"'),
            "valid until 2026-01-01",
        ),
    ],
)
def test_what_cannot_be_used_says_why(text: str, words: str) -> None:
    assert words in why(text)


class _Provider(BaseHTTPRequestHandler):
    body: ClassVar[bytes] = b""
    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Tests read no log of it."""


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """Of a provider on loopback, which the operator allows here."""
    settings.OUTGOING_NETWORKS = [str(ip_network("127.0.0.1"))]
    settings.OUTGOING_HTTP = True
    server = HTTPServer(("127.0.0.1", 0), _Provider)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/metadata"
    server.shutdown()
    server.server_close()


def test_it_is_fetched_from_its_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Provider, "body", document(pair().certificate).encode())
    found = configuration.looked_up({"metadata_url": address, "slo_url": "x"}, now=NOW)
    assert found["idp_entity_id"] == "https://idp.example.com/"
    assert found["certificates"] == [pair().certificate]
    assert found["metadata_url"] == address


def test_an_address_that_answers_something_else_says_so(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status, body, words in (
        (404, b"", "It answered 404"),
        (200, b"<html/>", "no metadata"),
        (200, b"\xff", "not UTF-8"),
    ):  # fmt: skip
        monkeypatch.setattr(_Provider, "status", status)
        monkeypatch.setattr(_Provider, "body", body)
        with pytest.raises(InvalidInput) as refusal:
            configuration.looked_up({"metadata_url": address}, now=NOW)
        assert words in refusal.value.fields["metadata_url"]


def test_an_address_inside_is_not_asked() -> None:
    """By the guard for what goes out: this very machine, and a cloud's metadata."""
    for url in ("https://127.0.0.1/metadata", "https://169.254.169.254/x", "http://idp.example/"):
        with pytest.raises(InvalidInput) as refusal:
            configuration.looked_up({"metadata_url": url}, now=NOW)
        assert refusal.value.fields["metadata_url"]


def connection(**values: object) -> SsoConnection:
    usual: dict[str, object] = {
        "kind": "SAML",
        "idp_entity_id": "https://idp.example.com/",
        "sso_url": "https://idp.example.com/sso",
        "certificates": [pair().certificate],
    }
    return SsoConnection(**(usual | values))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"idp_entity_id": ""}, "idp_entity_id"),
        ({"sso_url": ""}, "sso_url"),
        ({"sso_url": "ftp://idp.example.com/"}, "sso_url"),
        ({"slo_url": "nowhere"}, "slo_url"),
        ({"certificates": []}, "certificates"),
        ({"certificates": [pair().certificate] * 3}, "certificates"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(values: dict[str, object], field: str) -> None:
    configuration.check(connection())
    with pytest.raises(InvalidInput) as refusal:
        configuration.check(connection(**values))
    assert list(refusal.value.fields) == [field]


def test_a_certificate_is_taken_with_and_without_its_frame() -> None:
    whole = pair().certificate
    bare = "".join(whole.splitlines()[1:-1])
    for text in (whole, bare, f"\n {bare}\n", whole + whole):
        assert configuration.looked_up({"certificates": text}, now=NOW)["certificates"] == [whole]
    with pytest.raises(InvalidInput, match="no certificate"):
        configuration.looked_up({"certificates": "x"}, now=NOW)


@pytest.mark.django_db
def test_an_active_connection_whose_last_certificate_ends_is_pointed_out(
    saml: SsoConnection,
) -> None:
    saml.certificates = [pair("short", days=20).certificate, pair("ended", days=-1).certificate]
    saml.save()
    (found,) = watching.ending(NOW)
    assert found.words == "The last certificate of Okta expires on 2026-12-18."
    (found,) = watching.ending(NOW + timedelta(days=21))
    assert found.words == "The last certificate of Okta expired on 2026-12-18."
    saml.certificates.append(pair("long", days=300).certificate)
    saml.save()
    assert list(watching.ending(NOW)) == []


# Asked for anew


@pytest.fixture
def described(saml: SsoConnection, address: str) -> SsoConnection:
    """Acme's provider, whose metadata stands at `address`."""
    saml.metadata_url = address
    saml.idp_entity_id = "https://idp.example.com/"
    saml.save()
    return saml


def current(*certificates: str) -> bytes:
    return document(*certificates).encode()


def test_a_new_certificate_is_taken_over_from_the_address(
    described: SsoConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting = pair("next", days=3_000).certificate
    monkeypatch.setattr(_Provider, "body", current(pair("now", days=3_000).certificate, lasting))
    sso_metadata.refresh(described, actor=system("test"))
    described.refresh_from_db()
    assert lasting in described.certificates
    assert len(described.certificates) == 2
    assert described.is_active
    assert described.metadata_read_at
    row = AuditRecord.objects.get(action="accounts.take_metadata")
    assert row.before["certificates"] == [pair().certificate]

    sso_metadata.refresh(described, actor=system("test"))
    assert AuditRecord.objects.filter(action="accounts.take_metadata").count() == 1


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"", "It answered 500 instead of metadata"),
        (200, b"<oops", "no XML"),
        (200, current(pair("ended", days=-3_000).certificate), "expired"),
        (
            200,
            current(pair("now", days=3_000).certificate).replace(b'idp.example.com/"', b'evil/"'),
            "describes another provider",
        ),
    ],
)
def test_what_cannot_be_used_leaves_the_running_connection_as_it_is(
    described: SsoConnection, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, words: str
) -> None:
    monkeypatch.setattr(_Provider, "status", status)
    monkeypatch.setattr(_Provider, "body", body)
    version = SsoConnection.objects.get().version
    with pytest.raises(DomainError):
        sso_metadata.refresh(described, actor=system("test"))
    kept = SsoConnection.objects.get()
    assert words in kept.metadata_fault
    assert kept.is_active
    assert kept.certificates == [pair().certificate]
    assert kept.version == version
    tasks.refresh_metadata_of(kept.pk)


def test_nothing_is_asked_for_who_may_not_look_after_connections(
    described: SsoConnection, mia: User
) -> None:
    with pytest.raises(PermissionDenied):
        sso_metadata.refresh(described, actor=factories.actor(mia))

    assert SsoConnection.objects.get().metadata_read_at is None


def test_metadata_is_read_once_a_day(described: SsoConnection) -> None:
    assert sso_metadata.due() == [described.pk]
    SsoConnection.objects.update(metadata_read_at=timezone.now())
    assert sso_metadata.due() == []


def test_the_health_page_counts_connections_whose_certificate_ends(saml: SsoConnection) -> None:
    saml.certificates = [pair("ended", days=-3_000).certificate]
    saml.save()
    (found,) = [each for each in health.findings() if each.check == "SAML certificates"]
    assert found.detail.startswith("1 connection with no certificate that lasts 30 days more")
    assert "Acme" not in found.detail
