"""A browser between the console and a provider that says what a test has it say."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, replace
from html import unescape
from re import search
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.utils import timezone
from lxml import etree

from accounts.models import SsoConnection
from tests.accounts.sso.saml.provider import Pair, Says, encoded, signed


@dataclass(frozen=True)
class Begun:
    """What the console sent to the provider."""

    request: str
    relay: str
    xml: etree._Element


def begin(client: Client, connection: SsoConnection, query: str = "") -> Begun:
    page = client.get(connection.url("login") + query)
    return asked(page.content.decode())


def asked(page: str) -> Begun:
    """The request in the address of a page that leads to the provider."""
    found = search(r'url=([^"]+)"', page)
    assert found, page
    return unpacked(unescape(found[1]))


def unpacked(url: str) -> Begun:
    fields = parse_qs(urlsplit(url).query)
    name = "SAMLRequest" if "SAMLRequest" in fields else "SAMLResponse"
    raw = zlib.decompress(base64.b64decode(fields[name][0]), wbits=-15)
    root = etree.fromstring(raw)
    return Begun(str(root.get("ID")), fields.get("RelayState", [""])[0], root)


def says(connection: SsoConnection, begun: Begun | None = None, **changes: Any) -> Says:
    """A valid answer for this console, of now."""
    usual = Says(
        acs=connection.url("acs"),
        audience=connection.url("metadata"),
        request=begun.request if begun else "",
        at=timezone.now(),
        name_id="mia@example.com",
        id=f"_a{timezone.now().timestamp()}".replace(".", ""),
    )
    return replace(usual, **changes)


def post(
    connection: SsoConnection,
    answer: Says | etree._Element | bytes,
    relay: str = "",
    by: Pair | None = None,
) -> str:
    """What the provider's page posts: from another site, so without cookies. Where it leads."""
    root = signed(answer, by) if isinstance(answer, Says) else answer
    stranger = Client(enforce_csrf_checks=True)
    fields = {"SAMLResponse": encoded(root), "RelayState": relay}
    found = stranger.post(connection.url("acs"), fields)
    assert found.status_code == 303
    assert not found.cookies
    return str(found["Location"])
