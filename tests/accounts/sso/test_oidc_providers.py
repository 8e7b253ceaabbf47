"""What is wrong with a provider of OpenID Connect is said with its cause."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from accounts.models import SsoConnection, User
from tests.accounts.sso import browsing
from tests.accounts.sso.provider import Provider
from tests.accounts.sso.refusals import reason_of_refusal

pytestmark = pytest.mark.django_db


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
