"""An identity provider that keeps its connections open, for measurements over HTTP."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

Headers = dict[str, str]
USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"


class Client:
    """One keep-alive connection to the base URL of a SCIM service."""

    def __init__(self, base: str, headers: Headers) -> None:
        parts = urlsplit(base)
        self._connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=120)
        self._path = parts.path
        self._headers = {
            "Host": parts.netloc,
            "Content-Type": "application/scim+json",
            **headers,
        }

    def call(self, method: str, path: str, content: Any = None, *, expected: int = 200) -> Any:
        """The answer as JSON. Raises RuntimeError for another status."""
        body = None if content is None else json.dumps(content)
        self._connection.request(method, self._path + path, body=body, headers=self._headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status != expected:
            raise RuntimeError(f"{method} {path[:80]}: {response.status} {text[:300]!r}")
        return json.loads(text) if text else None

    def timed(
        self, method: str, path: str, content: Any = None, *, expected: int = 200
    ) -> tuple[float, Any]:
        """The milliseconds that it took, and the answer."""
        began = time.perf_counter()
        answer = self.call(method, path, content, expected=expected)
        return (time.perf_counter() - began) * 1000, answer

    def close(self) -> None:
        self._connection.close()


def person(name: str) -> dict[str, Any]:
    """A user as Entra ID sends one."""
    address = f"{name}@example.com"
    return {
        "schemas": [USER_URN],
        "userName": address,
        "externalId": f"external-{name}",
        "displayName": f"Person {name}",
        "name": {"givenName": "Person", "familyName": name},
        "emails": [{"type": "work", "value": address, "primary": True}],
        "active": True,
    }


def create_all(
    connect: Callable[[], Client], names: Sequence[str], *, clients: int
) -> tuple[float, list[float], list[str]]:
    """Create them by single POSTs; seconds, the milliseconds of each, and the ids."""
    took: list[float] = []
    ids: list[str] = []

    def work(share: Sequence[str]) -> None:
        client = connect()
        for name in share:
            milliseconds, made = client.timed("POST", "/Users", person(name), expected=201)
            took.append(milliseconds)
            ids.append(made["id"])
        client.close()

    shares = [names[number::clients] for number in range(clients)]
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as several:
        list(several.map(work, shares))
    return time.perf_counter() - began, took, ids
