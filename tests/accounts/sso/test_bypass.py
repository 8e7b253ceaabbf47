"""The bypass link: one member, once, for hours, by password and second factor."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.utils import timezone

from access.policy import PermissionDenied
from accounts.models import Organization, SsoBypass, SsoDomain, User
from accounts.services import sso_bypass
from audit.models import AuditRecord, Outcome
from tests import factories
from tests.accounts.passkeys import Passkey

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def only_sso(acme_domain: SsoDomain) -> SsoDomain:
    acme_domain.enforced_logins = ["SSO"]
    acme_domain.save()
    return acme_domain


@pytest.fixture
def link(acme: Organization, olivia: User) -> str:
    made = sso_bypass.make_bypass(acme, hours=1, actor=factories.actor(olivia))
    return made.link.removeprefix("http://localhost:8000")


def enter(client: Client, link: str, user: User, *, code: str | None = None) -> Any:
    client.post(link, {"go": "1"})
    client.post("/accounts/login/", {"login": user.email, "password": factories.PASSWORD})
    return client.post("/accounts/2fa/authenticate/", {"code": code or _code()})


def _code() -> str:
    now = list(yield_hotp_counters_from_time())[1]
    return str(format_hotp_value(hotp_value(SECRET, now)))


def is_signed_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_it_lets_a_member_in_by_password_and_second_factor(
    client: Client, link: str, olivia: User
) -> None:
    TOTP.activate(olivia, SECRET)

    enter(client, link, olivia)

    assert is_signed_in(client)
    row = AuditRecord.objects.get(action="accounts.use_bypass")
    assert (row.outcome, row.actor_label) == (Outcome.DONE, "olivia@example.com")
    signed_in = AuditRecord.objects.get(action="accounts.sign_in")
    assert signed_in.after["by"] == ["password", "authenticator app", "bypass link"]


def test_it_works_once(client: Client, link: str, olivia: User, mia: User) -> None:
    TOTP.activate(olivia, SECRET)
    enter(client, link, olivia)

    again = Client().get(link)

    assert again.status_code == 403
    assert "It was used, has expired, or was replaced" in again.content.decode()


def test_of_two_who_opened_it_one_gets_in(
    client: Client, link: str, olivia: User, mia: User
) -> None:
    TOTP.activate(olivia, SECRET)
    TOTP.activate(mia, SECRET)
    other = Client()
    other.post(link, {"go": "1"})
    other.post("/accounts/login/", {"login": mia.email, "password": factories.PASSWORD})
    enter(client, link, olivia)

    other.post("/accounts/2fa/authenticate/", {"code": _code()})

    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_without_a_second_factor_it_lets_nobody_in(client: Client, link: str, olivia: User) -> None:
    client.post(link, {"go": "1"})

    answer = client.post(
        "/accounts/login/", {"login": olivia.email, "password": factories.PASSWORD}
    )

    assert answer.status_code == 403
    assert "needs a second factor" in answer.content.decode()
    assert not is_signed_in(client)
    assert AuditRecord.objects.get(action="accounts.use_bypass").outcome == Outcome.REFUSED
    assert SsoBypass.objects.get().is_usable


def test_a_passkey_alone_is_not_enough(client: Client, link: str, olivia: User) -> None:
    key = Passkey(olivia).register()
    client.post(link, {"go": "1"})

    answer = key.sign_in(client)

    assert answer.status_code == 403
    assert "asks for your password and then for a second factor" in answer.content.decode()
    assert not is_signed_in(client)
    assert AuditRecord.objects.get(action="accounts.use_bypass").outcome == Outcome.REFUSED
    assert SsoBypass.objects.get().is_usable


def test_a_wrong_code_does_not_spend_it(client: Client, link: str, olivia: User) -> None:
    TOTP.activate(olivia, SECRET)

    enter(client, link, olivia, code="000000")

    assert not is_signed_in(client)
    assert SsoBypass.objects.get().is_usable


def test_a_stranger_with_a_link_is_still_a_stranger(client: Client, link: str, oscar: User) -> None:
    TOTP.activate(oscar, SECRET)

    answer = enter(client, link, oscar)

    assert not is_signed_in(client)
    assert answer.status_code == 302


def test_it_ends(client: Client, link: str, olivia: User) -> None:
    SsoBypass.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(link).status_code == 403


def test_opening_alone_takes_nothing_up(client: Client, link: str, olivia: User) -> None:
    """Mail programs and chats open links by themselves."""
    TOTP.activate(olivia, SECRET)
    client.get(link)

    client.post("/accounts/login/", {"login": olivia.email, "password": factories.PASSWORD})

    assert client.get("/accounts/2fa/authenticate/").status_code == 302


def test_another_one_ends_it(client: Client, link: str, acme: Organization, olivia: User) -> None:
    sso_bypass.make_bypass(acme, hours=8, actor=factories.actor(olivia))

    assert client.get(link).status_code == 403


def test_its_secret_is_kept_as_a_hash_and_stays_out_of_the_log(link: str) -> None:
    secret = link.rstrip("/").rpartition("/")[2]

    assert SsoBypass.objects.get().secret_hash != secret
    (row,) = AuditRecord.objects.filter(action="accounts.make_bypass")
    assert secret not in str((row.before, row.after))
    assert row.after["secret_hash"] == "••••••"


def test_only_owners_make_it(acme: Organization, mia: User) -> None:
    with pytest.raises(PermissionDenied):
        sso_bypass.make_bypass(acme, actor=factories.actor(mia))


def test_the_page_shows_it_once(client: Client, acme: Organization, olivia: User) -> None:
    SsoDomain.objects.update(enforced_logins=[])
    client.force_login(olivia)
    address = f"/organizations/{acme.pk}/sso/bypass/"

    made = client.post(address, {"make": "1", "hours": "8"}).content.decode()

    assert re.search(r"http://localhost:8000/accounts/sso-bypass/\w+/[\w-]{43}/", made)
    later = client.get(address).content.decode()
    assert "/accounts/sso-bypass/" not in later
    assert "There is one, which ends" in later
    assert "You have no second factor" in later


def test_it_is_ended_by_hand(client: Client, acme: Organization, olivia: User, link: str) -> None:
    SsoDomain.objects.update(enforced_logins=[])
    client.force_login(olivia)

    client.post(f"/organizations/{acme.pk}/sso/bypass/", {"delete": "1"})

    assert client.get(link).status_code == 403
