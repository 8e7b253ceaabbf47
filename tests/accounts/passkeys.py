"""A device that keeps one passkey, without a browser.

Source: Web Authentication Level 2, sections 6.1, 6.3 and 7.2.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import User

LOGIN = "/accounts/2fa/webauthn/login/"
_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


@dataclass(frozen=True)
class Passkey:
    """Good by itself: its device asks for a finger or a number."""

    user: User
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def register(self) -> Passkey:
        WebAuthn.add(self.user, "Passkey", self.made(websafe_encode(b"any")))
        return self

    def made(self, challenge: str, *, origin: str = "") -> dict[str, Any]:
        """What a browser says where a page at `origin`, or the console's own, asked to make it."""
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(bytes(16), self.id, public)
        flags = _VERIFIED | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(_rp_hash(), flags, 0, credential)
        response = {
            "clientDataJSON": websafe_encode(
                _client_data("webauthn.create", challenge, origin or settings.BASE_URL)
            ),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return self._said(response, {"credProps": {"rk": True}})

    def sign_in(self, client: Client) -> Any:
        """As the button on the sign-in page does."""
        asked = client.get(LOGIN, headers={"X-Requested-With": "XMLHttpRequest"}).json()
        challenge = asked["request_options"]["publicKey"]["challenge"]
        said = _client_data("webauthn.get", challenge, settings.BASE_URL)
        data = AuthenticatorData.create(_rp_hash(), _VERIFIED, 1)
        signed = self.key.sign(bytes(data) + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": websafe_encode(said),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signed),
            "userHandle": websafe_encode(user_pk_to_url_str(self.user).encode()),
        }
        return client.post(LOGIN, {"credential": json.dumps(self._said(response, {}))})

    def _said(self, response: dict[str, str], results: dict[str, Any]) -> dict[str, Any]:
        own = websafe_encode(self.id)
        return {
            "id": own, "rawId": own, "type": "public-key", "response": response,
            "clientExtensionResults": results,
        }  # fmt: skip


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()


def _rp_hash() -> bytes:
    return hashlib.sha256(str(urlsplit(settings.BASE_URL).hostname).encode()).digest()
