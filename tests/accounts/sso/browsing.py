"""A browser's steps to a provider and back, without a browser."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from accounts.models import SsoConnection
from tests.accounts.sso.provider import Provider


def way_out(answer: Any) -> str:
    """Where the page that leads to a provider leads."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()[:2000]
    return html.unescape(found[1])


def go(client: Client, connection: SsoConnection, *, onward: str = "") -> str:
    """From the sign-in page's link to the provider's address."""
    address = f"/accounts/sso/{connection.key}/login/"
    return way_out(client.get(address, {"next": onward} if onward else {}))


def come_back(client: Client, provider: Provider, away: str) -> Any:
    """The provider answers, and the browser follows."""
    return client.get(provider.authorize(away))


def sign_in(
    client: Client, provider: Provider, connection: SsoConnection, *, onward: str = ""
) -> Any:
    return come_back(client, provider, go(client, connection, onward=onward))


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
