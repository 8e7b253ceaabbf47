"""A request as it arrives at an Airflow's address, before it is known who may pass."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from access.actor import Origin
from deployments.gateway import passes
from deployments.gateway.addresses import Address
from deployments.gateway.decisions import Asked
from deployments.gateway.journal import READS
from web import client_address

Header = tuple[bytes, bytes]


class Inbound:
    """One HTTP request of the ASGI server, read-only."""

    def __init__(self, scope: dict[str, Any], address: Address) -> None:
        self.address = address
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: list[Header] = scope["headers"]
        self.client_ip = client_address.of_scope(scope)
        self.request_id = secrets.token_hex(8)
        raw = scope.get("raw_path") or self.path.encode()
        query = scope.get("query_string") or b""
        self.target: str = (raw + (b"?" + query if query else b"")).decode("latin-1")
        self.query: str = query.decode("latin-1")

    @cached_property
    def _first(self) -> dict[bytes, str]:
        return {name: value.decode("latin-1") for name, value in reversed(self.headers)}

    def header(self, name: str) -> str:
        """The first value of a header, by its lower-case name; empty when there is none."""
        return self._first.get(name.encode(), "")

    @cached_property
    def cookies(self) -> dict[str, str]:
        return dict(
            pair for name, value in self.headers if name == b"cookie" for pair in _pairs(value)
        )

    @property
    def host(self) -> str:
        return self.header("host")

    @property
    def asked(self) -> Asked:
        return Asked(
            self.address.namespace,
            self.cookies.get(passes.COOKIE, ""),
            self.bearer,
            source_ip=self.client_ip,
        )

    @property
    def bearer(self) -> str:
        scheme, _, value = self.header("authorization").partition(" ")
        return value.strip() if scheme.lower() == "bearer" else ""

    @property
    def has_body(self) -> bool:
        return self.header("content-length") not in {"", "0"} or bool(
            self.header("transfer-encoding")
        )

    @property
    def is_navigation(self) -> bool:
        """Whether somebody opens a page, as opposed to what pages and programs fetch."""
        if self.method not in {"GET", "HEAD"}:
            return False
        mode = self.header("sec-fetch-mode")
        return mode == "navigate" if mode else "text/html" in self.header("accept")

    @property
    def is_forged(self) -> bool:
        """Whether a page of another origin makes a browser write here with this one's cookie.

        Airflows are siblings under one domain, so SameSite does not keep them apart.
        """
        if self.method in READS or passes.COOKIE not in self.cookies:
            return False
        if self.header("sec-fetch-site") in {"cross-site", "same-site"}:
            return True
        sender = self.header("origin")
        return bool(sender) and urlsplit(sender).netloc.lower() != self.host.lower()

    @property
    def origin(self) -> Origin:
        """Where it came from, for the audit log."""
        return Origin("airflow", self.client_ip, self.header("user-agent"), self.request_id)


def _pairs(value: bytes) -> Iterator[tuple[str, str]]:
    for part in value.decode("latin-1").split(";"):
        name, is_pair, rest = part.strip().partition("=")
        if is_pair:
            yield name, rest
