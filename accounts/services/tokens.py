"""API tokens: a JWT that only identifies, and a row that is asked on every call.

Form: the Astro API's clients read the claims `permissions`, `apiTokenId` and `exp`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import jwt
from django.conf import settings
from django.utils import timezone

from access.actor import Actor
from access.scopes import PrincipalKind, ScopeKind, announce_on_commit
from accounts.models import ApiToken, Organization
from accounts.services import token_addresses
from web.errors import Conflict, InvalidInput, check_text

ALGORITHM = "EdDSA"
AUDIENCE = "astro-ui-api"
LONGEST_DAYS = 3650
_NO_END = datetime(2200, 1, 1, tzinfo=UTC)
"""What the claim `exp` says of a token without an end: clients read the claim unasked."""


def issue(
    organization: Organization,
    *,
    kind: ScopeKind,
    scope_id: str,
    claims: tuple[str, ...],
    name: str,
    description: str = "",
    lifetime: timedelta | None = None,
    address_ranges: Sequence[str] = (),
    form_key: str = "",
    actor: Actor,
) -> ApiToken:
    """Make a token row; `value` on the answer is never seen again.

    `claims` are the `permissions` of the JWT, each `<scope>Id:<id>`. Lifetime from 1 to 3650
    days, or None for no end; an Organization may allow less. Each scope's service calls this
    inside its own action and binds the role. Raises InvalidInput, naming the field.
    """
    check_words(name, description)
    check_lifetime(organization, lifetime)
    token = ApiToken(
        organization=organization,
        kind=kind.value.upper(),
        scope_id=scope_id,
        name=name.strip(),
        description=description,
        created_by_id=_person_id(actor),
        expires_at=timezone.now() + lifetime if lifetime else None,
        address_ranges=token_addresses.normalized(address_ranges),
        form_key=form_key or None,
    )
    _give_value(token, claims)
    token.save(force_insert=True)
    return token


def check_words(name: str, description: str) -> None:
    check_text("name", name, least=1, most=256)
    check_text("description", description, most=500)


def check_lifetime(organization: Organization, lifetime: timedelta | None) -> None:
    """Raise InvalidInput for a life that this Organization's tokens cannot have."""
    most = min(organization.api_token_max_days or LONGEST_DAYS, LONGEST_DAYS)
    if lifetime is None and organization.api_token_max_days is None:
        return
    if lifetime is None or not timedelta(days=1) <= lifetime <= timedelta(days=most):
        words = f"Choose between 1 and {most:,} days"
        words += ", or no end." if organization.api_token_max_days is None else ": the rule here."
        raise InvalidInput(
            f"An API token of {organization} lives from 1 to {most:,} days.",
            fields={"lifetime": words},
        )


def rotate(token: ApiToken, *, claims: tuple[str, ...], actor: Actor) -> ApiToken:
    """Replace the value; the old one is void at once. Rights and expiry stay.

    Raises Conflict for a token that was revoked or has expired.
    """
    if not token.is_usable:
        raise Conflict(
            "This API token was revoked or has expired.", remedy="Create a new token instead."
        )
    _give_value(token, claims)
    token.rotated_at = timezone.now()
    token.rotated_by_id = _person_id(actor)
    changed = ["prefix", "value_hash", "rotated_at", "rotated_by", "updated_at"]
    token.save(update_fields=changed)
    announce_on_commit(token.principal)
    return token


def revoke(token: ApiToken) -> ApiToken:
    """Make it void for good. The row stays, so that old entries still name it."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at", "updated_at"])
    announce_on_commit(token.principal)
    return token


def revoke_all(kind: ScopeKind, scope_id: str) -> None:
    """Make every token of something that goes void, in the caller's transaction."""
    own = ApiToken.objects.filter(kind=kind.value.upper(), scope_id=scope_id, revoked_at=None)
    for token in own.select_for_update(no_key=True):
        revoke(token)


def is_usable(token_id: str) -> bool:
    """Whether a token was neither revoked nor has expired."""
    token = ApiToken.objects.filter(pk=token_id).first()
    return token is not None and token.is_usable


def hash_of(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _person_id(actor: Actor) -> str | None:
    """None for a program: it is no leaver."""
    return actor.principal.id if actor.principal.kind is PrincipalKind.USER else None


def _give_value(token: ApiToken, claims: tuple[str, ...]) -> None:
    token.value = _value(token, claims)
    token.prefix = f"{token.value[:4]}…{token.value[-6:]}"
    token.value_hash = hash_of(token.value)


def _value(token: ApiToken, claims: tuple[str, ...]) -> str:
    payload: dict[str, object] = {
        "iss": settings.BASE_URL,
        "aud": AUDIENCE,
        "sub": token.pk,
        "apiTokenId": token.pk,
        "permissions": list(claims),
        "iat": int(timezone.now().timestamp()),
        "exp": int((token.expires_at or _NO_END).timestamp()),
        "jti": secrets.token_hex(8),
    }
    return jwt.encode(payload, settings.IDENTITY_PRIVATE_KEY, algorithm=ALGORITHM)
