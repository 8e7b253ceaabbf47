"""What somebody can sign in with besides a password, as pages and the audit log show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator

from accounts.models import User


@dataclass(frozen=True)
class Method:
    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_enough_alone: bool = False
    """A passkey that signs in without the password."""


@dataclass(frozen=True)
class Methods:
    app: Method | None
    passkeys: tuple[Method, ...]
    codes_left: int
    codes_in_all: int

    @property
    def count(self) -> int:
        """Those that a sign-in can ask for; recovery codes only stand in for them."""
        return len(self.passkeys) + (1 if self.app else 0)

    @property
    def is_last(self) -> bool:
        return self.count == 1

    @property
    def summary(self) -> list[str]:
        """The names of all methods."""
        return [each.name for each in (self.app, *self.passkeys) if each]


def of(user: User) -> Methods:
    app: Method | None = None
    passkeys: list[Method] = []
    left = in_all = 0
    for each in Authenticator.objects.filter(user=user).order_by("created_at"):
        if each.type == Authenticator.Type.RECOVERY_CODES:
            codes = each.wrap()
            left, in_all = len(codes.get_unused_codes()), len(codes.generate_codes())
        elif each.type == Authenticator.Type.TOTP:
            app = _method(each, "Authenticator app")
        else:
            passkeys.append(_method(each, str(each), is_enough_alone=_is_enough_alone(each)))
    return Methods(app, tuple(passkeys), left, in_all)


_PROOFS = {
    "password": "password",
    "totp": "authenticator app",
    "webauthn": "passkey",
    "recovery_codes": "recovery code",
    "sso": "identity provider",
    "sso_bypass": "bypass link",
}


def proofs(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """How somebody signed in, of allauth's notes in the session."""
    kinds = [str(each.get("type") or each.get("method")) for each in records]
    return [_PROOFS.get(kind, kind) for kind in kinds]


def _method(row: Authenticator, name: str, *, is_enough_alone: bool = False) -> Method:
    return Method(row.pk, name, row.created_at, row.last_used_at, is_enough_alone)


def _is_enough_alone(row: Authenticator) -> bool:
    return bool(row.wrap().is_passwordless)
