"""From what an OpenID provider says to what the console asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import SsoConnection
from accounts.sso.claims import Claims, SignInRefused

_STANDARD = {"firstName": "given_name", "lastName": "family_name"}
"""OpenID Connect's own names, which count where the usual ones of the console are not sent."""
_MOST_GROUPS = 1_000


def claims(connection: SsoConnection, said: Mapping[str, Any], *, session_hint: str = "") -> Claims:
    """Raises SignInRefused for an address that the provider itself says is not verified."""
    email = _text(said, connection.email_attribute)
    if said.get("email_verified") in (False, "false") and connection.email_attribute == "email":
        raise SignInRefused(
            "email_not_verified",
            f"The identity provider says that {email or 'your address'} is not verified.",
            remedy="Verify it there, then sign in again.",
            email=email,
        )
    return Claims(
        subject=_text(said, "sub"),
        email=email,
        first_name=_text(said, connection.first_name_attribute),
        last_name=_text(said, connection.last_name_attribute),
        name=_text(said, connection.name_attribute),
        groups=_groups(said.get(connection.groups_attribute)),
        raw=dict(said),
        session_hint=session_hint,
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, said.get(_STANDARD.get(name, "")))
    return value.strip()[:500] if isinstance(value, str) else ""


def _groups(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return ()
    return tuple(str(each)[:200] for each in value[:_MOST_GROUPS])
