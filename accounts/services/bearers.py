"""Who calls with which API token: its value is looked up, and every reason to refuse it is told."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import lru_cache
from typing import cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from redis import RedisError

from access.actor import Actor, Origin
from accounts import suspension
from accounts.models import ApiToken
from accounts.services import token_addresses
from accounts.services.tokens import ALGORITHM, AUDIENCE, hash_of
from audit.record import record_refusal
from web.errors import DomainError
from web.prepared import Prepared

_USE_IS_NOTED_EVERY = timedelta(minutes=1)
_REFUSAL_IS_NOTED_EVERY_SECONDS = 3600
_ANEW = "Create a new token on the page of its Deployment, Workspace or Organization."

_by_id = Prepared(
    lambda token_id: ApiToken.objects.select_related("organization").filter(pk=token_id).order_by()
)


class InvalidToken(DomainError):
    status = 401
    title = "This API token is not accepted"


class ForeignAddress(DomainError):
    """A token that is good, from where it does not count."""

    status = 403
    title = "This API token is not accepted from your address"


def identify(value: str, origin: Origin) -> ApiToken:
    """Find the usable token that a value belongs to, for a call from `origin`.

    Raises InvalidToken with the reason, ForeignAddress (and writes the refusal down) outside the
    networks that it is bound to, and OrganizationSuspended while its Organization is suspended.
    """
    token = _known(value)
    suspension.require_active(token.organization)
    if not token_addresses.holds(token.address_ranges, origin.source_ip):
        _note_refusal(token, origin)
        raise ForeignAddress(
            f"It is bound to certain networks, and {origin.source_ip or 'your address'} is in "
            "none of them.",
            remedy="Call from one of them, or have its address ranges changed.",
        )
    _note_use(token, origin.source_ip)
    return token


def _note_refusal(token: ApiToken, origin: Origin) -> None:
    """One row an hour for each address: whoever found a token cannot fill the log with it."""
    key = f"accounts:foreign:{token.pk}:{origin.source_ip}"
    try:
        is_first = cache.add(key, 1, timeout=_REFUSAL_IS_NOTED_EVERY_SECONDS)
    except RedisError:
        is_first = True
    if is_first:
        record_refusal(Actor(token.principal, origin), "accounts.use_token", token)


def _known(value: str) -> ApiToken:
    try:
        token_id = _signed(value, settings.IDENTITY_PUBLIC_KEY)
    except jwt.ExpiredSignatureError:
        raise InvalidToken("This API token has expired.", remedy=_ANEW) from None
    except jwt.InvalidTokenError:
        raise InvalidToken(
            "The bearer is not an API token of this console.", remedy=_ANEW
        ) from None
    token = _by_id.first(token_id)
    if token is None or token.revoked_at is not None:
        raise InvalidToken("This API token was deleted.", remedy=_ANEW)
    if not secrets.compare_digest(token.value_hash, hash_of(value)):
        raise InvalidToken(
            "This API token was rotated: another value took the place of this one.",
            remedy="Use the new value, or rotate it once more.",
        )
    if token.has_expired:
        raise InvalidToken("This API token has expired.", remedy=_ANEW)
    return token


@lru_cache(maxsize=1_000)
def _signed(value: str, public_key: str) -> str:
    """The id of the API token that a value of ours names. Raises jwt.InvalidTokenError.

    A signature that was good once stays good; whether the token still counts, its row says each
    time, its end included.
    """
    claims = jwt.decode(
        value,
        _key(public_key),
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        # It says when, not whether (RFC 7519, section 4.1.6): a clock set back voids no token
        options={"verify_iat": False},
    )
    return str(claims.get("apiTokenId", ""))


@lru_cache
def _key(pem: str) -> Ed25519PublicKey:
    """To read it from its text takes a quarter of what it takes to check a signature."""
    return cast("Ed25519PublicKey", load_pem_public_key(pem.encode()))


def _note_use(token: ApiToken, address: str) -> None:
    """Once a minute is exact enough, and keeps every call from being a write."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _USE_IS_NOTED_EVERY:
        own = ApiToken.objects.filter(pk=token.pk)
        own.update(last_used_at=now, last_used_from=address[:45])
