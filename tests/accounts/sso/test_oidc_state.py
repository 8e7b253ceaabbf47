"""Answers by OpenID Connect that no sign-in of this browser waits for are refused, and limited."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import SsoConnection, User
from audit.models import AuditRecord
from tests.accounts.sso import browsing
from tests.accounts.sso.browsing import is_signed_in
from tests.accounts.sso.provider import Provider
from tests.accounts.sso.refusals import reason_of_refusal

pytestmark = pytest.mark.django_db


class TestState:
    def test_an_answer_in_another_browser_is_refused(
        self, client: Client, provider: Provider, connected: SsoConnection, mia: User
    ) -> None:
        away = browsing.go(client, connected)
        victim = Client()

        answer = browsing.come_back(victim, provider, away)

        assert answer.status_code == 403
        assert not is_signed_in(victim)
        assert reason_of_refusal() == "wrong_state"

    def test_an_answer_counts_once(
        self, client: Client, provider: Provider, connected: SsoConnection, mia: User
    ) -> None:
        back = provider.authorize(browsing.go(client, connected))
        client.get(back)

        again = client.get(back)

        assert again.status_code == 403
        assert reason_of_refusal() == "wrong_state"

    def test_a_state_of_another_connection_is_refused(
        self,
        client: Client,
        provider: Provider,
        connected: SsoConnection,
        foreign_sso: SsoConnection,
        mia: User,
    ) -> None:
        back = provider.authorize(browsing.go(client, connected))

        client.get(back.replace(connected.key, foreign_sso.key))

        assert not is_signed_in(client)
        assert reason_of_refusal() == "wrong_state"

    def test_a_state_ends_after_ten_minutes(
        self,
        client: Client,
        provider: Provider,
        connected: SsoConnection,
        mia: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        back = provider.authorize(browsing.go(client, connected))
        later = time.time() + 601
        monkeypatch.setattr("accounts.sso.flows.time.time", lambda: later)

        client.get(back)

        assert reason_of_refusal() == "wrong_state"

    def test_an_answer_of_another_issuer_is_refused(
        self, client: Client, provider: Provider, connected: SsoConnection, mia: User
    ) -> None:
        """Mix-up: RFC 9207, section 2.4."""
        back = provider.authorize(browsing.go(client, connected))

        client.get(f"{back}&{urlencode({'iss': 'https://another.example'})}")

        assert reason_of_refusal() == "wrong_issuer"


def test_refusals_of_one_address_are_limited(
    client: Client, connected: SsoConnection, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is a row of the log that stays for ever."""
    monkeypatch.setattr("accounts.sso.limits.MOST", 3)
    address = f"/accounts/sso/{connected.key}/callback/?state=x"

    assert [client.get(address).status_code for _ in range(4)] == [403, 403, 403, 429]
    assert AuditRecord.objects.filter(action="accounts.sso_sign_in").count() == 3
    assert client.get(address, REMOTE_ADDR="203.0.113.7").status_code == 403
