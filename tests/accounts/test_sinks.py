"""The audit log sent on to real HTTP servers, at least once and in its order."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditSink, Organization, User
from accounts.sinks import delivery
from accounts.sinks.delivery import deliver
from audit import sealing
from audit.models import AuditRecord
from tests.accounts.sinking import add, happens
from tests.web.listeners import Listener

pytestmark = pytest.mark.usefixtures("receivers_here")


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
