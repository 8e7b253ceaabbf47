"""OpenID Connect: whom it signs in, and every token that it refuses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
import pytest
from django.test import Client

from accounts.models import SsoConnection, SsoIdentity, User
from audit.models import AuditRecord, Outcome
from tests.accounts.sso import browsing
from tests.accounts.sso import provider as providers
from tests.accounts.sso.provider import Provider

pytestmark = pytest.mark.django_db


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


CAUSES: dict[str, str | tuple[str, ...]] = {
    "bad_token": "The provider's token is no signed token.",
    "code_refused": "The identity provider did not accept the sign-in at its token endpoint",
    "email_not_verified": "The identity provider says that mia@example.com is not verified.",
    "expired": "The sign-in came too late: its token has expired.",
    "incomplete_token": "The token lacks ",
    "not_yet_valid": "The token is not valid yet",
    "provider_error": ("The identity provider answered ", "The key set at "),
    "unknown_key": "The token is signed with a key that the identity provider does not publish.",
    "unreachable": "The discovery document at http://127.0.0.1:9/",
    "wrong_algorithm": "The token is signed by ",
    "wrong_audience": "The token is for another client than this console.",
    "wrong_issuer": ("The token names another issuer", "Another identity provider answered"),
    "wrong_nonce": "The token belongs to another sign-in than the one that this browser began.",
    "wrong_party": "The token was made for another client than this console.",
    "wrong_signature": "The token's signature is not by the identity provider's key.",
    "wrong_state": "This browser did not begin this sign-in, or more than ten minutes ago.",
    "wrong_subject": "The provider's user info speaks of somebody else.",
}
"""How the words begin that stand in the log, by the reason."""


def reason_of_refusal() -> str:
    """Of the one row that a refusal leaves, which says it to people too."""
    row = AuditRecord.objects.get(action="accounts.sso_sign_in")
    assert row.outcome == Outcome.REFUSED
    assert row.source_ip == "127.0.0.1"
    connection = SsoConnection.objects.get(pk=row.target_id)
    assert row.organization_id == connection.organization_id
    reason, cause = str(row.after["reason"]), str(row.after["cause"])
    assert cause.startswith(CAUSES[reason])
    return reason


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


class TestProvider:
    """What is wrong with a provider is said with its cause, and leaves the connection as it is."""

    @pytest.mark.parametrize(
        ("path", "answer", "reason", "words"),
        [
            ("/jwks", (500, b""), "provider_error", "answered 500 for its key set"),
            ("/jwks", (200, b"[]"), "provider_error", "is no JSON object"),
            ("/jwks", (200, b'{"keys": []}'), "unknown_key", "does not publish"),
            ("/userinfo", (401, b""), "provider_error", "answered 401 for its user info"),
        ],
    )
    def test_a_bad_answer_after_the_sign_in_there(
        self,
        client: Client,
        provider: Provider,
        connected: SsoConnection,
        mia: User,
        path: str,
        answer: tuple[int, bytes],
        reason: str,
        words: str,
    ) -> None:
        provider.answers[path] = answer

        shown = browsing.sign_in(client, provider, connected)

        assert words in shown.content.decode()
        assert reason_of_refusal() == reason
        connected.refresh_from_db()
        assert connected.is_active

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            ((404, b""), "answered 404 for its discovery document"),
            ((200, b"<html>"), "is no JSON object"),
            ((200, b"{}"), "lacks issuer, authorization_endpoint, token_endpoint, jwks_uri"),
        ],
    )
    def test_a_bad_discovery_document(
        self,
        client: Client,
        provider: Provider,
        connected: SsoConnection,
        answer: tuple[int, bytes],
        words: str,
    ) -> None:
        provider.answers["/.well-known/openid-configuration"] = answer

        shown = client.get(f"/accounts/sso/{connected.key}/login/")

        assert shown.status_code == 403
        assert words in shown.content.decode()

    @pytest.mark.parametrize(
        ("described", "words"),
        [
            ({"issuer": "https://another.example"}, "speaks of another issuer"),
            ({"authorization_endpoint": "javascript:alert(1)"}, "cannot be used"),
            ({"token_endpoint": "file:///etc/passwd"}, "cannot be used"),
        ],
    )
    def test_a_discovery_document_that_leads_astray(
        self,
        client: Client,
        provider: Provider,
        connected: SsoConnection,
        described: dict[str, Any],
        words: str,
    ) -> None:
        provider.described = described

        shown = client.get(f"/accounts/sso/{connected.key}/login/")

        assert words in shown.content.decode()

    def test_a_provider_that_is_down(self, client: Client, connected: SsoConnection) -> None:
        connected.discovery_url = "http://127.0.0.1:9/.well-known/openid-configuration"
        connected.save()

        shown = client.get(f"/accounts/sso/{connected.key}/login/")

        assert shown.status_code == 403
        assert "could not be read: The connection failed." in shown.content.decode()
        assert reason_of_refusal() == "unreachable"

    def test_an_address_inside_is_not_asked(
        self, client: Client, provider: Provider, connected: SsoConnection, settings: Any
    ) -> None:
        settings.OUTGOING_NETWORKS = []

        shown = client.get(f"/accounts/sso/{connected.key}/login/")

        assert "has no address that this console may send to" in shown.content.decode()
        assert provider.asked == []

    def test_a_wrong_secret(
        self, client: Client, provider: Provider, connected: SsoConnection, mia: User
    ) -> None:
        provider.client_secret = "another"

        shown = browsing.sign_in(client, provider, connected)

        assert "Check client ID and secret" in shown.content.decode()
        assert reason_of_refusal() == "code_refused"

    def test_somebody_whom_the_provider_refuses(
        self, client: Client, provider: Provider, connected: SsoConnection
    ) -> None:
        away = dict(parse_qsl(urlsplit(browsing.go(client, connected)).query))
        back = {"error": "access_denied", "error_description": "Not yours", "state": away["state"]}

        shown = client.get(f"/accounts/sso/{connected.key}/callback/", back)

        assert "did not sign you in: Not yours" in shown.content.decode()


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
