"""API tokens: a JWT that only identifies, and a row that is asked on every call.

Form: the Astro API's clients read the claims `permissions`, `apiTokenId` and `exp`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import jwt
from django.conf import settings
from django.utils import timezone

from access.actor import Actor
from access.roles import Role
from access.scopes import Principal, PrincipalKind, ScopeKind, announce_on_commit
from accounts import suspension
from accounts.models import ApiToken, Organization
from web.errors import Conflict, DomainError, InvalidInput

ALGORITHM = "EdDSA"
AUDIENCE = "astro-ui-api"
MAXIMUM_LIFETIME = timedelta(days=3650)
_USE_IS_NOTED_EVERY = timedelta(minutes=1)
_NO_END = datetime(2200, 1, 1, tzinfo=UTC)
"""What the claim `exp` says of a token without an end: clients read the claim unasked."""


class InvalidToken(DomainError):
    status = 401
    title = "This API token is not accepted"


def issue(
    organization: Organization,
    *,
    kind: ScopeKind,
    scope_id: str,
    claims: tuple[str, ...],
    name: str,
    description: str = "",
    lifetime: timedelta | None = None,
    actor: Actor,
) -> ApiToken:
    """Make a token row; `value` on the answer is never seen again.

    `claims` are the `permissions` of the JWT, each `<scope>Id:<id>`. Lifetime from 1 to 3650
    days, or None for no end. Each scope's service calls this inside its own action and binds
    the role.
    """
    if lifetime is not None and not timedelta(days=1) <= lifetime <= MAXIMUM_LIFETIME:
        raise InvalidInput(
            "An API token lives from 1 to 3650 days.",
            fields={"lifetime": "Choose between 1 and 3650 days, or no end."},
        )
    is_person = actor.principal.kind is PrincipalKind.USER
    token = ApiToken(
        organization=organization,
        kind=kind.value.upper(),
        scope_id=scope_id,
        name=name,
        description=description,
        created_by_id=actor.principal.id if is_person else None,
        expires_at=timezone.now() + lifetime if lifetime else None,
    )
    _give_value(token, claims)
    token.save(force_insert=True)
    return token


def check_role(role: str, possible: Collection[Role]) -> None:
    """Raise InvalidInput for a role that a token of this scope cannot have."""
    if role not in possible:
        raise InvalidInput(
            "This role belongs to another scope than the token.",
            remedy=f"Choose one of {', '.join(possible)}.",
            fields={"role": "Belongs to another scope"},
        )


def rotate(token: ApiToken, *, claims: tuple[str, ...]) -> ApiToken:
    """Replace the value; the old one is void at once. Rights and expiry stay.

    Raises Conflict for a token that was revoked or has expired.
    """
    if not token.is_usable:
        raise Conflict(
            "This API token was revoked or has expired.", remedy="Create a new token instead."
        )
    _give_value(token, claims)
    token.save(update_fields=["prefix", "value_hash", "updated_at"])
    return token


def revoke(token: ApiToken) -> ApiToken:
    """Make it void for good. The row stays, so that old entries still name it."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at", "updated_at"])
    announce_on_commit(Principal(PrincipalKind.API_TOKEN, token.pk, token.name))
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


def _give_value(token: ApiToken, claims: tuple[str, ...]) -> None:
    token.value = _value(token, claims)
    token.prefix = f"{token.value[:4]}…{token.value[-6:]}"
    token.value_hash = hash_of(token.value)


def identify(value: str) -> ApiToken:
    """Find the usable token that a value belongs to.

    Raises InvalidToken, and OrganizationSuspended while its Organization is suspended.
    """
    try:
        claims = jwt.decode(
            value,
            settings.IDENTITY_PUBLIC_KEY,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            # It says when, not whether (RFC 7519, section 4.1.6): a clock set back voids no token
            options={"verify_iat": False},
        )
    except jwt.InvalidTokenError:
        raise InvalidToken(
            "The bearer is not an API token of this console, or it has expired.",
            remedy="Create a new token on the page of its Deployment or Organization.",
        ) from None
    token = (
        ApiToken.objects.select_related("organization")
        .filter(pk=str(claims.get("apiTokenId", "")))
        .first()
    )
    if token is None or not token.is_usable or not _matches(token, value):
        raise InvalidToken(
            "This API token was revoked, replaced or has expired.",
            remedy="Create a new token on the page of its Deployment or Organization.",
        )
    suspension.require_active(token.organization)
    _note_use(token)
    return token


def hash_of(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _matches(token: ApiToken, value: str) -> bool:
    return secrets.compare_digest(token.value_hash, hash_of(value))


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


def _note_use(token: ApiToken) -> None:
    """Once a minute is exact enough, and keeps every call from being a write."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
