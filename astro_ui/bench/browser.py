"""A person's browser, as far as a benchmark needs one: host names, cookies, redirects."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

_REDIRECTS = {301, 302, 303, 307}
_MOST_REDIRECTS = 8


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Browser:
    """Every host name leads to this machine, as a browser takes `*.localhost`."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request, redirects not followed."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=60)
        sent = {"Host": parts.netloc, **(headers or {})}
        if jar := self.cookies.get(host):
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target or "/", body=body, headers=sent)
            response = connection.getresponse()
            content = response.read()
            self._keep(host, response.headers.get_all("Set-Cookie") or [])
            headers_in = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, headers_in, content)
        finally:
            connection.close()

    def open(self, url: str) -> Answer:
        """Go to a page, over its redirects, as a click does."""
        for _ in range(_MOST_REDIRECTS):
            answer = self.ask("GET", url, headers={"Accept": "text/html"})
            if answer.status not in _REDIRECTS:
                return answer
            url = urljoin(url, answer.headers["location"])
        raise RuntimeError(f"too many redirects, last to {url}")

    def call(
        self, method: str, url: str, content: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        """A JSON call; raises RuntimeError for anything but success."""
        body = None if content is None else json.dumps(content).encode()
        sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        answer = self.ask(method, url, body=body, headers=sent)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {url}: {answer.status} {answer.body[:300]!r}")
        return answer.json() if answer.body else None

    def _keep(self, host: str, headers: list[str]) -> None:
        jar = self.cookies.setdefault(host, {})
        for header in headers:
            for name, morsel in SimpleCookie(header).items():
                jar[name] = morsel.value
