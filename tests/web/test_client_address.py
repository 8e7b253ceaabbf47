"""The client's address: from the peer, and from proxies that the operator named. Nobody else."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.models import AuditRecord
from tests import factories
from web import client_address
from web.client_address import BehindProxies, behind

PROXY, OUTER = "10.0.0.1", "10.0.0.2"
CLIENT, CLAIMED = "203.0.113.9", "198.51.100.7"
TRUSTED = [ip_network("10.0.0.0/8"), ip_network("2001:db8:aa::/48")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (CLIENT, [CLAIMED], CLIENT),
        (PROXY, [], PROXY),
        (PROXY, [CLIENT], CLIENT),
        (PROXY, [f"{CLAIMED}, {CLIENT}"], CLIENT),
        (PROXY, [f"{CLAIMED}, {CLIENT}, {OUTER}"], CLIENT),
        (PROXY, [CLAIMED, f"{CLIENT}, {OUTER}"], CLIENT),
        (PROXY, [f"10.9.9.9, {CLIENT}"], CLIENT),
        (PROXY, [f"{CLAIMED}, unknown"], PROXY),
        (PROXY, [f"{CLAIMED}, <script>, {OUTER}"], OUTER),
        (PROXY, [f"{CLIENT}:51000"], CLIENT),
        (PROXY, ["[2001:db8::9]:51000"], "2001:db8::9"),
        (PROXY, ["2001:0db8:0000::0009"], "2001:db8::9"),
        (PROXY, [f"::ffff:{CLIENT}"], CLIENT),
        (f"::ffff:{PROXY}", [CLIENT], CLIENT),
        ("2001:db8:aa::1", [CLIENT], CLIENT),
        (PROXY, [""], PROXY),
        (PROXY, [OUTER], OUTER),
        ("", [CLAIMED], ""),
    ],
)
def test_who_is_behind_a_peer(peer: str, forwarded: list[str], client: str) -> None:
    assert behind(peer, forwarded, TRUSTED) == client


def arrived(peer: str, *headers: tuple[str, str]) -> dict[str, Any]:
    """The request as the console sees it."""
    seen: dict[str, Any] = {}

    async def console(scope: dict[str, Any], *_: Any) -> None:
        seen.update(scope)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "scheme": "http", "client": (peer, 5), "headers": raw}
    async_to_sync(BehindProxies(console, ["10.0.0.0/8"]))(scope, None, None)
    return seen


def test_a_named_proxy_is_believed_about_address_and_scheme() -> None:
    seen = arrived(PROXY, ("x-forwarded-for", CLIENT), ("x-forwarded-proto", "https"))

    assert (seen["client"][0], seen["scheme"]) == (CLIENT, "https")


def test_anybody_else_is_believed_about_neither() -> None:
    seen = arrived(CLIENT, ("x-forwarded-for", CLAIMED), ("x-forwarded-proto", "https"))

    assert (seen["client"], seen["scheme"]) == ((CLIENT, 5), "http")


@pytest.mark.parametrize("name", ["forwarded", "x-real-ip", "x_forwarded_for", "client-ip"])
def test_headers_that_a_proxy_may_pass_on_unread_count_for_nothing(name: str) -> None:
    assert arrived(PROXY, (name, f"for={CLAIMED}"))["client"] == (PROXY, 5)


def test_the_audit_log_names_the_peer_and_not_what_it_claims(client: Client, mia: User) -> None:
    claims = {"X-Forwarded-For": CLAIMED, "Forwarded": f"for={CLAIMED}", "X-Real-IP": CLAIMED}

    client.post(
        "/accounts/login/",
        {"login": mia.email, "password": factories.PASSWORD},
        headers=claims,
        REMOTE_ADDR="::ffff:192.0.2.8",
    )

    assert AuditRecord.objects.get(action="accounts.sign_in").source_ip == "192.0.2.8"


def test_another_claimed_address_gives_no_more_tries_to_sign_in(
    client: Client, mia: User, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/5m/ip"}

    def fails(claimed: str, peer: str = "192.0.2.8") -> str:
        answer = client.post(
            "/accounts/login/",
            {"login": f"{claimed}@example.com", "password": "wrong"},
            headers={"X-Forwarded-For": claimed},
            REMOTE_ADDR=peer,
        )
        return answer.content.decode()

    for claimed in ("198.51.100.1", "198.51.100.2"):
        assert "do not belong together" in fails(claimed)

    assert "locked for five minutes" in fails("198.51.100.3")
    assert "do not belong together" in fails("198.51.100.3", peer="192.0.2.9")


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "999.1.1.1", "localhost", "a" * 500])
def test_what_is_no_address_is_none(text: str) -> None:
    assert client_address.plain(text) == ""
