"""Certificates that providers sign with: read, kept as PEM, and watched for their end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from web.errors import InvalidInput

WARN_BEFORE = timedelta(days=30)
_LEAST_RSA_BITS = 2048
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
_LONGEST = 20_000
"""Characters of a few certificates; whoever reads a text may be made to read it for long."""


@dataclass(frozen=True)
class Facts:
    name: str
    fingerprint: str
    """SHA-256, as providers show it: pairs with colons."""
    begins_at: datetime
    expires_at: datetime

    def is_ending(self, now: datetime) -> bool:
        return self.expires_at - WARN_BEFORE <= now

    def has_ended(self, now: datetime) -> bool:
        return self.expires_at <= now


def facts(pem: str) -> Facts:
    found = x509.load_pem_x509_certificate(pem.encode())
    digest = found.fingerprint(SHA256()).hex(":").upper()
    name = found.subject.rfc4514_string() or digest[:11]
    return Facts(name, digest, found.not_valid_before_utc, found.not_valid_after_utc)


def taken(text: str) -> list[str]:
    """The certificates in a text, PEM or bare base64, each once and as PEM.

    Raises InvalidInput for what is no certificate, or has a key too weak to be believed.
    """
    if len(text) > _LONGEST:
        raise _bad(f"This is too long for a certificate: at most {_LONGEST:,} characters.")
    blocks = _BLOCK.findall(text) or ([text] if text.strip() else [])
    return list(dict.fromkeys(_one("".join(each.split())) for each in blocks))


def in_time(found: Iterable[str], now: datetime) -> list[str]:
    """Those that have not expired, the longest-lasting first."""
    dated = [(facts(each).expires_at, each) for each in found]
    return [pem for end, pem in sorted(dated, reverse=True) if end > now]


def _one(body: str) -> str:
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    text = f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
    try:
        found = x509.load_pem_x509_certificate(text.encode())
        key = found.public_key()
    except ValueError:
        raise _bad("This is no certificate: paste it from BEGIN to END CERTIFICATE.") from None
    is_strong = (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS
    ) or isinstance(key, ec.EllipticCurvePublicKey)
    if not is_strong:
        raise _bad(f"Its key must be RSA of at least {_LEAST_RSA_BITS:,} bits, or elliptic.")
    return found.public_bytes(Encoding.PEM).decode()


def _bad(words: str) -> InvalidInput:
    return InvalidInput(words, fields={"certificates": words})
