"""ID tokens: whether one is the provider's, for us, of now and of this flow.

Source: OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import jwt

from accounts.models import SsoConnection
from accounts.sso.claims import SignInRefused
from accounts.sso.oidc import discovery
from accounts.sso.oidc.discovery import Provider

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""Signatures by a key pair alone: `none` is no signature, and HS* would take a public key for a
shared secret."""
SKEW_SECONDS = 60
_MOST_BYTES = 64 * 1024

_CLOCKS = (
    "Check the clocks of the identity provider and of this console: a minute apart is allowed."
)
_CLIENT = "Check the client ID in the connection's settings."
_REASONS: tuple[tuple[type[Exception], str, str, str], ...] = (
    (
        jwt.ExpiredSignatureError,
        "expired",
        "The sign-in came too late: its token has expired.",
        _CLOCKS,
    ),
    (jwt.ImmatureSignatureError, "not_yet_valid", "The token is not valid yet.", _CLOCKS),
    (
        jwt.InvalidAudienceError,
        "wrong_audience",
        "The token is for another client than this console.",
        _CLIENT,
    ),
    (
        jwt.InvalidIssuerError,
        "wrong_issuer",
        "The token names another issuer than the discovery document.",
        "Check the discovery URL.",
    ),
    (
        jwt.InvalidSignatureError,
        "wrong_signature",
        "The token's signature is not by the identity provider's key.",
        "",
    ),
)


def verify(
    connection: SsoConnection, provider: Provider, token: str, *, nonce: str
) -> dict[str, Any]:
    """The claims of an ID token. Raises SignInRefused with the first thing wrong with it."""
    header = _header(token)
    key = _key(connection, provider, header)
    try:
        said: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[str(header["alg"])],
            audience=connection.client_id,
            issuer=provider.issuer,
            leeway=SKEW_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.InvalidTokenError as error:
        raise _refusal(error) from None
    _check_party(said, connection.client_id)
    if not hmac.compare_digest(str(said.get("nonce", "")).encode(), nonce.encode()):
        raise SignInRefused(
            "wrong_nonce",
            "The token belongs to another sign-in than the one that this browser began.",
            remedy="Begin again at the sign-in page.",
        )
    return said


def _header(token: str) -> dict[str, Any]:
    if len(token) > _MOST_BYTES:
        raise SignInRefused("bad_token", f"The token is longer than {_MOST_BYTES:,} bytes.")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise SignInRefused("bad_token", "The provider's token is no signed token.") from None
    if header.get("alg") not in ALGORITHMS:
        raise SignInRefused(
            "wrong_algorithm",
            f"The token is signed by {header.get('alg')}, which this console does not accept.",
            remedy="Have the identity provider sign ID tokens with RS256 or ES256.",
        )
    return dict(header)


def _key(connection: SsoConnection, provider: Provider, header: dict[str, Any]) -> jwt.PyJWK:
    """The provider's key of that name. An unknown one is looked for anew: keys are rolled over."""
    found = _fitting(discovery.keys(connection, provider), header)
    if found is None and discovery.may_ask_anew(connection):
        found = _fitting(discovery.keys(connection, provider, anew=True), header)
    if found is None:
        raise SignInRefused(
            "unknown_key",
            "The token is signed with a key that the identity provider does not publish.",
            remedy="Where keys were just changed there, try again in half a minute.",
        )
    return found


def _fitting(keys: list[Any], header: dict[str, Any]) -> jwt.PyJWK | None:
    kid, algorithm = header.get("kid"), str(header["alg"])
    is_ours: Callable[[Any], bool] = lambda key: (  # noqa: E731
        (kid is None or key.get("kid") == kid)
        and key.get("use", "sig") == "sig"
        and key.get("kty") != "oct"
        and key.get("alg", algorithm) == algorithm
    )
    for key in filter(is_ours, keys):
        try:
            return jwt.PyJWK(key, algorithm=algorithm)
        except jwt.PyJWTError:
            continue
    return None


def _check_party(said: dict[str, Any], client_id: str) -> None:
    """Of several audiences, `azp` has to name us; where it is said at all, too."""
    audience = said["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in said) and said.get("azp") != client_id:
        raise SignInRefused(
            "wrong_party",
            "The token was made for another client than this console.",
            remedy=_CLIENT,
        )


def _refusal(error: Exception) -> SignInRefused:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return SignInRefused(
            "incomplete_token",
            f"The token lacks {error.claim}, which every ID token has to say.",
            remedy="Check how this console is registered at the identity provider.",
        )
    for kind, reason, cause, remedy in _REASONS:
        if isinstance(error, kind):
            return SignInRefused(reason, cause, remedy=remedy)
    return SignInRefused("bad_token", "The provider's token cannot be read as an ID token.")
