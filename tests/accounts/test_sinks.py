"""The audit log sent on to real files, syslog receivers and HTTP servers, at least once."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditSink, Organization, User
from accounts.services import sinks
from accounts.sinks import delivery
from accounts.sinks.delivery import deliver
from audit import sealing
from audit.models import AuditRecord
from tests import factories
from tests.accounts.syslog_server import hearing, receiving
from tests.audit.rows import written
from tests.gateway.stage import wait_for
from tests.web.certificates import made
from tests.web.listeners import Listener, listening
from web.errors import Conflict, InvalidInput


@pytest.fixture(autouse=True)
def _here(settings: Settings, tmp_path: Path) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.1"]
    settings.OUTGOING_HTTP = True
    settings.AUDIT_SINK_DIR = tmp_path / "sinks"
    settings.AUDIT_SINK_DIR.mkdir()


@pytest.fixture
def server() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def add(organization: Organization, owner: User, kind: str, target: str, **more: Any) -> AuditSink:
    return sinks.create_sink(
        organization, kind=kind, name=kind, target=target, actor=factories.actor(owner), **more
    )


def happens(organization: Organization, *actions: str) -> None:
    """Rows that share one seal."""
    for action in actions:
        written(action, organization=organization.pk)
    sealing.seal_all()


def pause(sink: AuditSink) -> timedelta:
    assert sink.next_try_at is not None
    return sink.next_try_at - timezone.now()


def actions_of(body: bytes) -> list[str]:
    return [json.loads(line)["action"] for line in body.splitlines()]


def test_an_http_address_gets_rows_in_order_with_the_secret_header(
    acme: Organization, umbrella: Organization, olivia: User, server: Listener
) -> None:
    happens(acme, "before")
    sink = add(acme, olivia, "HTTP", server.url, header="X-Key", secret="s3cret")
    happens(acme, "one", "two")
    happens(umbrella, "of another")
    happens(acme, "three")

    assert deliver(sink.pk) == 4
    assert deliver(sink.pk) == 0, "all of it was taken"

    bodies = [each.body for each in server.arrived]
    assert [actions_of(body) for body in bodies] == [
        ["accounts.create_sink", "one", "two"], ["three"],
    ]  # fmt: skip
    assert {each.headers["X-Key"] for each in server.arrived} == {"s3cret"}
    assert server.arrived[0].headers["Content-Type"] == "application/x-ndjson"
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_auditsink")
        assert "s3cret" not in str(cursor.fetchall())
    assert "s3cret" not in str(AuditRecord.objects.values_list("after", "before"))


def test_what_was_not_taken_is_sent_again_later_and_nothing_overtakes_it(
    acme: Organization, olivia: User, server: Listener
) -> None:
    sink = add(acme, olivia, "HTTP", server.url)
    happens(acme, "one")
    happens(acme, "two")
    server.fails("/")

    assert deliver(sink.pk) == 0

    sink.refresh_from_db()
    assert (sink.failures, sink.fault) == (1, "It answered with status 503.")
    assert timedelta(seconds=20) < pause(sink) <= timedelta(seconds=30)
    assert deliver(sink.pk) == 0
    assert len(server.arrived) == 1, "it waits before the next try"
    assert delivery.due(timezone.now()) == []

    for _ in range(12):
        AuditSink.objects.update(next_try_at=None)
        deliver(sink.pk)
    sink.refresh_from_db()
    assert pause(sink) <= timedelta(hours=1)

    server.answers.clear()
    server.arrived.clear()
    AuditSink.objects.update(next_try_at=None)
    deliver(sink.pk)
    assert actions_of(b"".join(each.body for each in server.arrived))[1:] == ["one", "two"]
    sink.refresh_from_db()
    assert (sink.failures, sink.fault, delivery.waiting(sink)) == (0, "", 0)


def test_a_seal_is_sent_in_pieces_and_again_from_its_beginning(
    acme: Organization, olivia: User, server: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "_MOST_LINES", 1)
    sink = add(acme, olivia, "HTTP", server.url)
    happens(acme, "one", "two")

    deliver(sink.pk)

    assert [actions_of(each.body)[0] for each in server.arrived][1:] == ["one", "two"]


def test_two_workers_do_not_send_at_once(
    acme: Organization, olivia: User, server: Listener
) -> None:
    sink = add(acme, olivia, "HTTP", server.url)
    happens(acme, "one")
    AuditSink.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))

    assert deliver(sink.pk) == 0
    AuditSink.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert deliver(sink.pk) == 2


def test_a_sink_may_begin_with_what_is_there(
    acme: Organization, olivia: User, server: Listener
) -> None:
    happens(acme, "before")
    sink = add(acme, olivia, "HTTP", server.url, sends_all=True)
    sealing.seal_all()

    assert delivery.waiting(sink) == 2
    assert deliver(sink.pk) == 2


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


def test_an_address_inside_is_refused_when_it_is_sent_to(
    acme: Organization, olivia: User, server: Listener, settings: Settings
) -> None:
    sink = add(acme, olivia, "HTTP", server.url)
    logs = add(acme, olivia, "SYSLOG", f"127.0.0.1:{server.port}", transport="TCP")
    happens(acme, "one")
    settings.OUTGOING_NETWORKS = []
    for each in (sink, logs):
        deliver(each.pk)
        each.refresh_from_db()
        assert "no address that this console may send to" in each.fault
    assert server.arrived == []


@pytest.mark.parametrize(
    ("kind", "target", "more"),
    [
        ("HTTP", "ftp://example.com", {}),
        ("HTTP", "https://u:p@example.com", {}),
        ("HTTP", "https://example.com", {"header": "a b"}),
        ("SYSLOG", "example.com", {"transport": "TCP"}),
        ("SYSLOG", "example.com:99999", {"transport": "TCP"}),
        ("SYSLOG", "example.com:514", {"transport": ""}),
    ],
)
def test_a_target_that_is_none_is_refused(
    acme: Organization, olivia: User, kind: str, target: str, more: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        add(acme, olivia, kind, target, **more)


def test_the_secret_does_not_go_to_a_changed_address(acme: Organization, olivia: User) -> None:
    sink = add(acme, olivia, "HTTP", "https://a.example/", header="X-Key", secret="s")
    actor = factories.actor(olivia)
    moved: dict[str, Any] = {
        "name": "HTTP",
        "target": "https://b.example/",
        "header": "X-Key",
        "is_on": True,
    }

    with pytest.raises(InvalidInput, match="not sent to another address"):
        sinks.change_sink(sink, **moved, actor=actor)
    sinks.change_sink(sink, **moved, secret="new", actor=actor)
    kept = sinks.change_sink(sink, **moved, actor=actor)
    assert kept.secret == "new"


def test_a_name_is_taken_once(acme: Organization, olivia: User) -> None:
    add(acme, olivia, "HTTP", "https://a.example/")

    with pytest.raises(Conflict):
        add(acme, olivia, "HTTP", "https://b.example/")


def test_pages_add_try_show_the_failure_and_remove(
    client: Client, acme: Organization, olivia: User, server: Listener
) -> None:
    client.force_login(olivia)
    form = {"name": "SIEM", "target": server.url, "header": "Authorization", "secret": "Bearer x"}
    client.post(reverse("accounts:audit_sink_new", args=[acme.pk, "HTTP"]), form)
    sink = AuditSink.objects.get()
    own = reverse("accounts:audit_sink", args=[acme.pk, sink.pk])

    assert (
        "It took a line that says it is a test."
        in client.post(own, {"try": "1"}, follow=True).content.decode()
    )
    assert json.loads(server.arrived[0].body)["isTest"] is True
    server.fails("/")
    tried = client.post(own, {"try": "1"}, follow=True).content.decode()
    assert "It answered with status 503." in tried
    sealing.seal_all()
    deliver(sink.pk)
    for url in (own, reverse("accounts:audit_sinks", args=[acme.pk])):
        shown = client.get(url).content.decode()
        assert "It answered with status 503." in shown
        assert "Bearer x" not in shown
    client.post(own, {"name": "SIEM", "target": server.url, "header": "Authorization"})
    sink.refresh_from_db()
    assert (sink.is_on, sink.secret) == (False, "Bearer x")
    assert delivery.due(timezone.now()) == []


def test_a_sink_goes_by_its_typed_name(
    client: Client, acme: Organization, olivia: User, sink: AuditSink
) -> None:
    client.force_login(olivia)
    own = reverse("accounts:audit_sink", args=[acme.pk, sink.pk])
    gone = reverse("accounts:audit_sink_remove", args=[acme.pk, sink.pk])
    assert gone in client.get(own).content.decode()

    for typed in ("", "S", "siem"):
        refused = client.post(gone, {"confirmation": typed})
        assert refused.status_code == 422
        assert "Type s" in refused.content.decode()
    assert AuditSink.objects.get() == sink

    assert client.post(gone, {"confirmation": " s "}).status_code == 302
    assert not AuditSink.objects.exists()
    assert AuditRecord.objects.filter(action="accounts.remove_sink", outcome="DONE").count() == 1
