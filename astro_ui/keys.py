"""The console's own keys: from the environment, or made once and kept in the data directory."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_PUBLIC = re.compile("-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n", re.DOTALL)


class KeyStore:
    """A private folder with one file for each key. Only the console's own user can read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def secret_key(self) -> str:
        return self._keep("secret_key", lambda: secrets.token_urlsafe(50))

    def encryption_key(self) -> str:
        return self._keep("encryption_key", lambda: Fernet.generate_key().decode())

    def identity_key(self) -> str:
        """Ed25519, signs what Airflows and the API believe."""
        return self._keep("identity_key.pem", lambda: _pem(Ed25519PrivateKey.generate()))

    def audit_key(self) -> str:
        """Ed25519, signs the heads of the audit log's chains."""
        return self._keep("audit_key.pem", lambda: _pem(Ed25519PrivateKey.generate()))

    def openid_key(self) -> str:
        """RSA, signs the OpenID provider's tokens: RS256 is what every client knows."""
        return self._keep(
            "openid_key.pem",
            lambda: _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        )

    def audit_public_keys(self, private_pem: str) -> list[str]:
        """The public halves of all keys that signed the audit log here, the present one too.

        What a former key signed can be verified as long as its line stands in the file.
        """
        path = self.folder / "audit_public_keys.pem"
        present = public_pem(private_pem).strip()
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        if present not in known:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{present}\n")
            path.chmod(0o600)
            known = f"{known}{present}\n"
        return _PUBLIC.findall(known)

    def _keep(self, name: str, make: Callable[[], str]) -> str:
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(path, make())
        return path.read_text(encoding="utf-8").strip()


def public_pem(private_pem: str) -> str:
    """The public half of a private key in PEM form."""
    public = load_pem_private_key(private_pem.encode(), password=None).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _pem(key: Ed25519PrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _write_once(path: Path, text: str) -> None:
    """Two processes that start together must agree on one key: the first link wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
