"""A small OpenID provider in the place of the console: signs one chosen person in, at once."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

CLIENT_ID = "airflow"
CLIENT_SECRET = "client-secret"


class Provider(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = generate_private_key(public_exponent=65537, key_size=2048)
        self.person = {"sub": "cmolivia", "email": "olivia@example.com", "name": "Olivia Owner"}
        self.codes: dict[str, dict[str, str]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def discovery_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"


@contextmanager
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        question = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/authorize":
            self._authorize(question)
        elif address.path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self.server.key.public_key(), as_dict=True)
            self._answer({"keys": [{**public, "kid": "1", "alg": "RS256", "use": "sig"}]})
        else:
            self._answer(self._metadata())

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        form = {
            name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()
        }
        asked = self.server.codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked["code_challenge_method"] != "S256" or challenge != asked["code_challenge"]:
            self.send_error(400)
            return
        now = int(time.time())
        claims = {"iss": self.server.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60}
        claims |= {"nonce": asked.get("nonce", ""), **self.server.person}
        token = jwt.encode(claims, self.server.key, algorithm="RS256", headers={"kid": "1"})
        self._answer({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _authorize(self, question: dict[str, str]) -> None:
        code = secrets.token_hex(8)
        self.server.codes[code] = question
        back = urlencode({"code": code, "state": question["state"]})
        self.send_response(302)
        self.send_header("Location", f"{question['redirect_uri']}?{back}")
        self.end_headers()

    def _metadata(self) -> dict[str, Any]:
        url = self.server.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys",
            "userinfo_endpoint": f"{url}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _answer(self, body: dict[str, Any]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""
