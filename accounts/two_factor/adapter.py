"""Where allauth asks for the console's rules about second factors."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from access import encryption
from accounts.models import User

ISSUER = "Astro UI"


class ConsoleMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is wrong, was used before, or is over.",
        "incorrect_passkey": "This passkey was not accepted. Use one of this account, at the "
        "console's own address.",
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        """As apps list it: several consoles are told apart by their address."""
        return f"{ISSUER} ({urlsplit(settings.BASE_URL).netloc})"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the configured address, not to whatever Host a request names."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "localhost", "name": ISSUER}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's own
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return f"Passkey {number}" if number > 1 else "Passkey"
