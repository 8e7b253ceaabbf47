"""Sinks are added, tried, changed and removed, and a secret stays with its address."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditSink, Organization, User
from accounts.services import sinks
from accounts.sinks import delivery
from accounts.sinks.delivery import deliver
from audit import sealing
from audit.models import AuditRecord
from tests import factories
from tests.accounts.sinking import add
from tests.web.listeners import Listener
from web.errors import Conflict, InvalidInput

pytestmark = pytest.mark.usefixtures("receivers_here")


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
