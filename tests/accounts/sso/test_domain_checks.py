"""Domains are looked at in turns, and one whose record is gone goes on counting, with a warning."""

from __future__ import annotations

import time
from datetime import timedelta

import dns.rcode
import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import tasks
from accounts.models import Organization, SsoDomain, User
from accounts.services import sso_domains
from accounts.sso import dns_records, domains
from tests.accounts.sso.name_server import NameServer
from tests.accounts.sso.proving import check, put


class TestLosing:
    """A domain whose record is gone goes on counting, with a warning, until another takes it."""

    @pytest.fixture
    def proven(self, name_server: NameServer, claimed: SsoDomain) -> SsoDomain:
        put(name_server, claimed)
        return check(claimed)

    def test_the_record_is_gone(
        self, name_server: NameServer, proven: SsoDomain, settings: Settings, olivia: User
    ) -> None:
        settings.HAS_MAIL = True
        name_server.records.clear()

        with pytest.MonkeyPatch.context():
            lost = check(proven)

        assert lost.is_missing
        assert domains.is_proven(proven.organization_id, "mia@acme.example")

    def test_its_owners_are_told(
        self,
        name_server: NameServer,
        proven: SsoDomain,
        settings: Settings,
        django_capture_on_commit_callbacks: object,
    ) -> None:
        settings.HAS_MAIL = True
        name_server.records.clear()

        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            check(proven)
            check(proven)

        (message,) = mail.outbox
        assert message.to == ["olivia@example.com"]
        assert "The DNS record of acme.example is gone" in message.subject
        assert dns_records.value_of(proven.txt_token) in message.body

    def test_it_comes_back(self, name_server: NameServer, proven: SsoDomain) -> None:
        name_server.records.clear()
        check(proven)
        put(name_server, proven)

        assert not check(proven).is_missing

    def test_a_fault_of_name_servers_loses_nothing(
        self, name_server: NameServer, proven: SsoDomain
    ) -> None:
        name_server.fault = dns.rcode.SERVFAIL

        assert not check(proven).is_missing


def test_whose_turn_it_is(name_server: NameServer, claimed: SsoDomain, theirs: SsoDomain) -> None:
    now = timezone.now()
    SsoDomain.objects.filter(pk=theirs.pk).update(last_checked_at=now - timedelta(hours=11))
    assert list(sso_domains.due(now)) == [claimed]

    assert theirs in sso_domains.due(now + timedelta(hours=1))
    assert claimed not in sso_domains.due(now + timedelta(hours=73))


def test_beat_looks_at_domains(name_server: NameServer, claimed: SsoDomain) -> None:
    put(name_server, claimed)

    tasks.check_domains()

    claimed.refresh_from_db()
    assert claimed.is_proven


def test_many_silent_name_servers_hold_the_worker_for_a_moment_together(
    name_server: NameServer, acme: Organization, claimed: SsoDomain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One after the other they would take 20 times as long; the rest waits for its turn."""
    monkeypatch.setattr(dns_records, "SECONDS", 0.5)
    name_server.is_silent = True
    for number in range(29):
        SsoDomain.objects.create(organization=acme, domain=f"d{number}.example")
    began = time.monotonic()

    tasks.check_domains()

    assert time.monotonic() - began < 5
    looked_at = SsoDomain.objects.filter(last_checked_at__isnull=False)
    assert looked_at.count() == 20
    tasks.check_domains()
    assert looked_at.count() == 30


def test_one_organizations_domains_keep_nobody_elses_waiting(
    name_server: NameServer, acme: Organization, umbrella: Organization
) -> None:
    for number in range(30):
        SsoDomain.objects.create(organization=acme, domain=f"d{number}.example")
    theirs = SsoDomain.objects.create(organization=umbrella, domain="umbrella.example")

    tasks.check_domains()

    theirs.refresh_from_db()
    assert theirs.last_checked_at is not None
