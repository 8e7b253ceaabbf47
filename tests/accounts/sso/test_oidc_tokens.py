"""Every token of OpenID Connect that is refused, and why."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.test import Client

from accounts.models import SsoConnection, SsoIdentity, User
from tests.accounts.sso import browsing
from tests.accounts.sso import provider as providers
from tests.accounts.sso.browsing import is_signed_in
from tests.accounts.sso.provider import Provider
from tests.accounts.sso.refusals import reason_of_refusal

pytestmark = pytest.mark.django_db


def _by_a_stranger(made: Provider, claims: dict[str, Any]) -> str:
    stranger, _ = providers.key_pair("one")
    return jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "one"})


def _by_an_unknown_key(made: Provider, claims: dict[str, Any]) -> str:
    stranger, _ = providers.key_pair("other")
    return jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "other"})


def _by_none(made: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})


def _by_the_public_key(made: Provider, claims: dict[str, Any]) -> str:
    """HS256, with the public key taken for a shared secret (RFC 8725, section 2.1)."""

    def part(said: bytes) -> bytes:
        return base64.urlsafe_b64encode(said).rstrip(b"=")

    header = part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "one"}).encode())
    body = header + b"." + part(json.dumps(claims).encode())
    digest = hmac.new(providers.public_pem(made), body, hashlib.sha256).digest()
    return (body + b"." + part(digest)).decode()


def _by_the_client_secret(made: Provider, claims: dict[str, Any]) -> str:
    secret = made.client_secret.ljust(32, "x")
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": "one"})


def _with_a_key_of_its_own(made: Provider, claims: dict[str, Any]) -> str:
    """A token that brings the key to check it with is still the stranger's."""
    stranger, public = providers.key_pair("one")
    headers = {"kid": "one", "jwk": public, "jku": "https://evil.example/jwks"}
    return jwt.encode(claims, stranger, algorithm="RS256", headers=headers)


def _cut_off(made: Provider, claims: dict[str, Any]) -> str:
    return providers.signed(made, claims).rpartition(".")[0] + "."


def _no_token(made: Provider, claims: dict[str, Any]) -> str:
    return "not a token"


@pytest.mark.parametrize(
    ("sign", "reason"),
    [
        (_by_a_stranger, "wrong_signature"),
        (_by_an_unknown_key, "unknown_key"),
        (_with_a_key_of_its_own, "wrong_signature"),
        (_cut_off, "wrong_signature"),
        (_by_none, "wrong_algorithm"),
        (_by_the_public_key, "wrong_algorithm"),
        (_by_the_client_secret, "wrong_algorithm"),
        (_no_token, "bad_token"),
    ],
)
def test_a_token_not_signed_by_the_provider_is_refused(
    client: Client,
    provider: Provider,
    connected: SsoConnection,
    mia: User,
    sign: Callable[[Provider, dict[str, Any]], str],
    reason: str,
) -> None:
    provider.sign = sign

    answer = browsing.sign_in(client, provider, connected)

    assert answer.status_code == 403
    assert not is_signed_in(client)
    assert not SsoIdentity.objects.exists()
    assert reason_of_refusal() == reason


_LONG_AGO, _FAR_OFF = 1_000_000_000, 4_000_000_000


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"nonce": "another"}, "wrong_nonce"),
        ({"nonce": None}, "wrong_nonce"),
        ({"aud": "another-client"}, "wrong_audience"),
        ({"aud": None}, "incomplete_token"),
        ({"aud": ["console", "another"]}, "wrong_party"),
        ({"aud": ["console", "another"], "azp": "another"}, "wrong_party"),
        ({"azp": "another"}, "wrong_party"),
        ({"iss": "https://another.example"}, "wrong_issuer"),
        ({"iss": None}, "incomplete_token"),
        ({"exp": _LONG_AGO}, "expired"),
        ({"exp": None}, "incomplete_token"),
        ({"nbf": _FAR_OFF}, "not_yet_valid"),
        ({"iat": _FAR_OFF}, "not_yet_valid"),
        ({"iat": None}, "incomplete_token"),
        ({"sub": None}, "incomplete_token"),
        ({"email_verified": False}, "email_not_verified"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_a_token_that_says_something_wrong_is_refused(
    client: Client,
    provider: Provider,
    connected: SsoConnection,
    mia: User,
    spoil: dict[str, Any],
    reason: str,
) -> None:
    provider.spoil = spoil

    answer = browsing.sign_in(client, provider, connected)

    assert answer.status_code == 403
    assert not is_signed_in(client)
    assert not SsoIdentity.objects.exists()
    assert reason_of_refusal() == reason


def test_user_info_about_somebody_else_is_refused(
    client: Client, provider: Provider, connected: SsoConnection, mia: User
) -> None:
    provider.userinfo = {"sub": "another", "email": "olivia@example.com"}

    browsing.sign_in(client, provider, connected)

    assert reason_of_refusal() == "wrong_subject"
