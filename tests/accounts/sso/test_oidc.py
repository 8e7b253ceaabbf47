"""OpenID Connect: whom it signs in, and out again."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest
from django.test import Client

from accounts.models import SsoConnection, User
from tests.accounts.sso import browsing
from tests.accounts.sso import provider as providers
from tests.accounts.sso.browsing import is_signed_in
from tests.accounts.sso.provider import Provider

pytestmark = pytest.mark.django_db


def test_signs_in_and_leads_on(
    client: Client, provider: Provider, connected: SsoConnection, mia: User
) -> None:
    answer = browsing.sign_in(client, provider, connected, onward="/profile/")

    assert answer["Location"] == "/profile/"
    assert client.get("/profile/").context["user"] == mia


def test_asks_with_pkce_state_and_nonce(
    client: Client, connected: SsoConnection, provider: Provider
) -> None:
    away = urlsplit(browsing.go(client, connected))

    asked = {name: values[0] for name, values in parse_qs(away.query).items()}
    assert f"{away.scheme}://{away.netloc}{away.path}" == f"{provider.address}/authorize"
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) == len(asked["nonce"]) == 32
    assert asked["redirect_uri"].endswith(f"/accounts/sso/{connected.key}/callback/")
    assert asked["scope"] == "openid email profile"


def test_leads_nowhere_but_to_this_console(
    client: Client, provider: Provider, connected: SsoConnection, mia: User
) -> None:
    answer = browsing.sign_in(client, provider, connected, onward="https://evil.example/")

    assert answer["Location"] == "/"


def test_takes_what_user_info_adds(
    client: Client, provider: Provider, connected: SsoConnection, acme: Any
) -> None:
    provider.person = {"sub": "n-1"}
    provider.userinfo = {"sub": "n-1", "email": "nina@example.com", "given_name": "Nina"}

    browsing.sign_in(client, provider, connected)

    assert User.objects.get(email="nina@example.com").full_name == "Nina"


@pytest.mark.parametrize("lateness", [-50, 0])
def test_a_clock_may_be_off_by_less_than_a_minute(
    client: Client, provider: Provider, connected: SsoConnection, mia: User, lateness: int
) -> None:
    now = int(time.time()) - lateness
    provider.spoil = {"iat": now, "nbf": now, "exp": now + 10 + 2 * lateness}

    browsing.sign_in(client, provider, connected)

    assert is_signed_in(client)


def test_keys_may_be_rolled_over(
    client: Client, provider: Provider, connected: SsoConnection, mia: User
) -> None:
    browsing.sign_in(client, provider, connected)
    provider.private, public = providers.key_pair("two")
    provider.jwks = [public]
    provider.sign = lambda made, claims: jwt.encode(
        claims, made.private, algorithm="RS256", headers={"kid": "two"}
    )
    other = Client()

    browsing.sign_in(other, provider, connected)

    assert is_signed_in(other)
    assert provider.asked.count("/jwks") == 2


def test_elliptic_keys_count(
    client: Client, provider: Provider, connected: SsoConnection, mia: User
) -> None:
    provider.private, public = providers.elliptic_pair("e")
    provider.jwks = [public]
    provider.sign = lambda made, claims: jwt.encode(
        claims, made.private, algorithm="ES256", headers={"kid": "e"}
    )

    browsing.sign_in(client, provider, connected)

    assert is_signed_in(client)


class TestSigningOut:
    def test_goes_on_to_the_provider(
        self, client: Client, provider: Provider, connected: SsoConnection, mia: User
    ) -> None:
        browsing.sign_in(client, provider, connected)

        away = browsing.way_out(client.post("/accounts/logout/"))

        query = dict(parse_qsl(urlsplit(away).query))
        assert away.startswith(f"{provider.address}/logout?")
        assert query["client_id"] == "console"
        assert query["post_logout_redirect_uri"] == "http://localhost:8000/accounts/login/"
        assert (
            jwt.decode(query["id_token_hint"], options={"verify_signature": False})["sub"] == "m-1"
        )
        assert not is_signed_in(client)

    def test_stays_here_where_the_provider_offers_nothing(
        self, client: Client, provider: Provider, connected: SsoConnection, mia: User
    ) -> None:
        provider.described = {"end_session_endpoint": ""}
        browsing.sign_in(client, provider, connected)

        assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"

    def test_the_token_is_not_kept_in_clear(
        self, client: Client, provider: Provider, connected: SsoConnection, mia: User
    ) -> None:
        browsing.sign_in(client, provider, connected)

        assert not str(client.session["sso_session"]["hint"]).startswith("ey")
