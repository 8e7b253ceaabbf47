"""Who asks: the identity that the console signs and its proxy attaches to each request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from astro_runtime.permissions import ROLES
from astro_runtime.place import setting

LONGEST_LIFE_SECONDS = 60
_CLOCK_LEEWAY_SECONDS = 2
_REQUIRED = ["exp", "iat", "aud", "iss", "sub"]


@dataclass(frozen=True)
class Identity:
    """One person, or the console itself (`sub` = `console`), for one request."""

    subject: str
    email: str
    name: str
    role: str
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def get_id(self) -> str:
        return self.subject

    def get_name(self) -> str:
        return self.name or self.email or self.subject


def verify(token: str) -> Identity:
    """Check a token against the console's public key and this Deployment.

    Only Ed25519 signatures count: a token made with any shared secret of this Airflow, one for
    another Deployment and one that lives longer than 60 s are refused.
    Raises jwt.InvalidTokenError.
    """
    claims = jwt.decode(
        token,
        _public_key(),
        algorithms=["EdDSA"],
        audience=setting("DEPLOYMENT_ID"),
        issuer=setting("IDENTITY_ISSUER"),
        leeway=_CLOCK_LEEWAY_SECONDS,
        options={"require": _REQUIRED},
    )
    if claims["exp"] - claims["iat"] > LONGEST_LIFE_SECONDS:
        raise jwt.InvalidTokenError("The token lives too long")
    return from_claims(claims)


def verify_header(authorization: str) -> Identity:
    """The same for a whole `Authorization` header. Raises jwt.InvalidTokenError."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise jwt.InvalidTokenError("No bearer token")
    return verify(token.strip())


def from_claims(claims: Mapping[str, Any]) -> Identity:
    """The console expands roles; only a token without `permissions` falls back to the role."""
    role = str(claims.get("role", ""))
    if role not in ROLES:
        raise jwt.InvalidTokenError("Unknown role")
    permissions = claims.get("permissions")
    return Identity(
        subject=str(claims["sub"]),
        email=str(claims.get("email", "")),
        name=str(claims.get("name", "")),
        role=role,
        permissions=ROLES[role] if permissions is None else frozenset(map(str, permissions)),
    )


def _public_key() -> Ed25519PublicKey:
    path = Path(setting("IDENTITY_KEY"))
    try:
        return _load(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise jwt.InvalidTokenError("The console's public key cannot be read") from error


@lru_cache(maxsize=2)
def _load(path: Path, _changed_at: int) -> Ed25519PublicKey:
    """Once per change of the file, so that a new key needs no restart."""
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("Not an Ed25519 key")  # noqa: TRY004 - the file is wrong, not the call
    return key
