"""A small OpenID provider over real HTTP, which also answers as none should.

It asks nobody for a password: who its next answer is about, and what is wrong with it, a test says.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

Signer = Callable[["Provider", dict[str, Any]], str]


def key_pair(kid: str) -> tuple[Any, dict[str, Any]]:
    """A private RSA key, and its public half as a JWK."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    return private, {**public, "kid": kid, "use": "sig", "alg": "RS256"}


def elliptic_pair(kid: str) -> tuple[Any, dict[str, Any]]:
    private = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key()))
    return private, {**public, "kid": kid, "use": "sig", "alg": "ES256"}


def signed(provider: Provider, claims: dict[str, Any]) -> str:
    """As it should be."""
    return jwt.encode(claims, provider.private, algorithm="RS256", headers={"kid": "one"})


@dataclass
class Provider:
    address: str
    private: Any
    jwks: list[dict[str, Any]]
    client_id: str = "console"
    client_secret: str = "hush"
    person: dict[str, Any] = field(default_factory=dict)
    """Whom the next token is about."""
    spoil: dict[str, Any] = field(default_factory=dict)
    """Claims that replace the right ones; None leaves one out."""
    sign: Signer = signed
    userinfo: dict[str, Any] | None = None
    """Replaces what it would say there."""
    described: dict[str, Any] = field(default_factory=dict)
    """Replaces parts of its discovery document."""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Replaces a whole answer, by path."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Every path that was asked for."""

    @property
    def discovery_url(self) -> str:
        return f"{self.address}/.well-known/openid-configuration"

    def authorize(self, url: str) -> str:
        """What a browser is sent back to that comes with this address."""
        query = dict(parse_qsl(urlsplit(url).query))
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if asked is None or authorization != f"Basic {pair}":
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": self.client_id, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **self.person, **self.spoil,
        }  # fmt: skip
        told = {name: value for name, value in claims.items() if value is not None}
        return 200, {
            "access_token": "access",
            "token_type": "Bearer",
            "id_token": self.sign(self, told),
        }

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/jwks",
            "end_session_endpoint": f"{self.address}/logout",
        } | self.described


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        provider = self.provider
        provider.asked.append(path)
        if path in provider.answers:
            self._bytes(*provider.answers[path])
        elif path == "/jwks":
            self._say(200, {"keys": provider.jwks})
        elif path == "/userinfo":
            said = provider.userinfo
            self._say(200, {"sub": provider.person["sub"]} if said is None else said)
        elif path == "/authorize":
            self.send_response(302)
            self.send_header("Location", provider.authorize(self.path))
            self.end_headers()
        else:
            self._say(200, provider.discovery())

    def do_POST(self) -> None:
        self.provider.asked.append("/token")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._say(*self.provider.token(form, self.headers.get("Authorization", "")))

    def _say(self, status: int, said: dict[str, Any]) -> None:
        self._bytes(status, json.dumps(said).encode())

    def _bytes(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own
        """Says nothing."""


@contextmanager
def running() -> Iterator[Provider]:
    private, public = key_pair("one")
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}", private, [public])
    handler.provider = provider  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()


def public_pem(provider: Provider) -> bytes:
    """What an attacker would sign with, who takes a public key for a shared secret."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    pem: bytes = provider.private.public_key().public_bytes(encoding, form)
    return pem
