"""The audit log sent on to real syslog receivers, and to files that never leave their folder."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from accounts.models import AuditSink, Organization, User
from accounts.sinks.delivery import deliver
from audit import sealing
from audit.models import AuditRecord
from tests.accounts.sinking import add, happens
from tests.accounts.syslog_server import hearing, receiving
from tests.gateway.stage import wait_for
from tests.web.certificates import made
from web.errors import InvalidInput

pytestmark = pytest.mark.usefixtures("receivers_here")


def test_syslog_by_tcp_is_rfc_5424(acme: Organization, olivia: User) -> None:
    with receiving() as syslog:
        sink = add(acme, olivia, "SYSLOG", f"127.0.0.1:{syslog.port}", transport="TCP")
        happens(acme, "one")
        AuditRecord.objects.create(organization_id=acme.pk, action="two", outcome="REFUSED")
        sealing.seal_all()

        deliver(sink.pk)
        wait_for(lambda: len(syslog.messages) == 3, what="three messages")

    done, refused = syslog.messages[1:]
    head, _, message = done.partition(b"\xef\xbb\xbf")
    row = AuditRecord.objects.get(action="one")
    assert head.decode() == f"<110>1 {row.at.isoformat()} localhost astro-ui - one - "
    assert json.loads(message)["id"] == row.pk
    assert refused.startswith(b"<108>1 ")


def test_syslog_by_tls_believes_a_valid_certificate_alone(
    acme: Organization, olivia: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = made(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    with receiving(context) as syslog:
        sink = add(acme, olivia, "SYSLOG", f"localhost:{syslog.port}", transport="TLS")
        happens(acme, "one")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
        deliver(sink.pk)
        wait_for(lambda: len(syslog.messages) == 2, what="both messages")

    monkeypatch.delenv("SSL_CERT_FILE")
    with receiving(context) as syslog:
        AuditSink.objects.update(target=f"localhost:{syslog.port}", sent_through=0)
        deliver(sink.pk)
    sink.refresh_from_db()
    assert "TLS failed" in sink.fault
    assert syslog.messages == []


def test_syslog_by_udp(acme: Organization, olivia: User) -> None:
    with hearing() as server:
        port = server.getsockname()[1]
        sink = add(acme, olivia, "SYSLOG", f"127.0.0.1:{port}", transport="UDP")
        sealing.seal_all()

        assert deliver(sink.pk) == 1
        assert b"accounts.create_sink" in server.recv(65_536)


def test_a_file_lies_in_the_folder_of_its_organization(
    acme: Organization, olivia: User, settings: Settings
) -> None:
    sink = add(acme, olivia, "FILE", "audit.ndjson")
    happens(acme, "one")
    file = settings.AUDIT_SINK_DIR / acme.pk / "audit.ndjson"
    deliver(sink.pk)
    file.write_bytes(file.read_bytes() + b'{"cut')
    happens(acme, "two")
    deliver(sink.pk)

    lines = file.read_bytes().splitlines()
    assert lines[-2] == b'{"cut'
    assert json.loads(lines[-1])["action"] == "two"
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_file_is_no_way_out_of_its_folder(
    acme: Organization, olivia: User, settings: Settings, tmp_path: Path
) -> None:
    for name in ("../up", "/etc/passwd", "a/b", "..", ".hidden", "a\nb", ""):
        with pytest.raises(InvalidInput):
            add(acme, olivia, "FILE", name)
    sink = add(acme, olivia, "FILE", "link")
    (settings.AUDIT_SINK_DIR / acme.pk).mkdir()
    (settings.AUDIT_SINK_DIR / acme.pk / "link").symlink_to(tmp_path / "elsewhere")
    happens(acme, "one")

    deliver(sink.pk)

    assert not (tmp_path / "elsewhere").exists()
    sink.refresh_from_db()
    assert sink.failures == 1


def test_where_the_operator_names_no_folder_there_are_no_files(
    acme: Organization, olivia: User, settings: Settings
) -> None:
    settings.AUDIT_SINK_DIR = None

    with pytest.raises(InvalidInput):
        add(acme, olivia, "FILE", "audit.ndjson")
