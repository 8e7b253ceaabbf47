"""What a provider publishes about itself, and its keys."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from accounts.models import SsoConnection
from accounts.sso.claims import SignInRefused
from web.errors import DomainError
from web.outgoing import http, rules

_KEEP_SECONDS = 600
_WELL_KNOWN = "/.well-known/openid-configuration"
_LIMITS = http.Limits(seconds=4, most_bytes=512 * 1024)
_FAILED_SECONDS = 15
"""A provider that does not answer is not asked again for each of its people."""
_asking = threading.BoundedSemaphore(2)
"""Of the few threads that serve everybody, those that may wait for some provider at once."""
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Provider:
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    says_issuer: bool = False
    """Whether its answers carry `iss` (RFC 9207)."""
    posts_secret: bool = False
    """Whether it takes the client's secret in the body alone."""


def of(connection: SsoConnection) -> Provider:
    """What the connection's provider publishes, ten minutes old at most. Raises SignInRefused."""
    key = f"accounts:sso:discovery:{connection.pk}:{connection.discovery_url}"
    found: Provider | tuple[str, str, str] | None = cache.get(key)
    if isinstance(found, tuple):
        reason, cause, remedy = found
        raise SignInRefused(reason, cause, remedy=remedy)
    if found is None:
        try:
            found = read(connection.discovery_url)
        except SignInRefused as fault:
            failed = (fault.reason, fault.cause, fault.remedy)
            cache.set(key, failed, timeout=_FAILED_SECONDS)
            raise
        cache.set(key, found, timeout=_KEEP_SECONDS)
    return found


def read(url: str) -> Provider:
    """Ask anew. Raises SignInRefused for silence and for what is no provider's description."""
    url = complete(url)
    said = fetch(url, what="discovery document")
    missing = [name for name in _NEEDED if not _is_text(said.get(name))]
    if missing:
        raise SignInRefused(
            "bad_discovery",
            f"The discovery document at {url} lacks {', '.join(missing)}.",
            remedy="Check the discovery URL: it ends in /.well-known/openid-configuration.",
        )
    issuer = str(said["issuer"])
    _check_issuer(issuer, url)
    for name in (*_NEEDED[1:], "userinfo_endpoint", "end_session_endpoint"):
        _check_address(name, said.get(name))
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Provider(
        **{name: str(said[name]) for name in _NEEDED},
        userinfo_endpoint=str(said.get("userinfo_endpoint") or ""),
        end_session_endpoint=str(said.get("end_session_endpoint") or ""),
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        posts_secret="client_secret_basic" not in methods,
    )


def keys(connection: SsoConnection, provider: Provider, *, anew: bool = False) -> list[Any]:
    """Its public keys as JWKs, ten minutes old at most unless asked `anew`."""
    key = f"accounts:sso:jwks:{connection.pk}:{provider.jwks_uri}"
    found: list[Any] | None = None if anew else cache.get(key)
    if found is None:
        said = fetch(provider.jwks_uri, what="key set").get("keys")
        found = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
        cache.set(key, found, timeout=_KEEP_SECONDS)
    return found


def may_ask_anew(connection: SsoConnection) -> bool:
    """Once in 30 s: whoever sends tokens of unknown keys must not make us ask for each."""
    return bool(cache.add(f"accounts:sso:jwks-anew:{connection.pk}", 1, timeout=30))


def complete(url: str) -> str:
    """The document's address, also where only the issuer's was given."""
    url = url.strip()
    return url if _WELL_KNOWN in url else f"{url.rstrip('/')}{_WELL_KNOWN}"


def fetch(url: str, *, what: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A JSON object from there. Raises SignInRefused with what went wrong on the way."""
    request = http.Request("GET", url, {"Accept": "application/json"}, secrets=headers or {})
    return object_of(send(request, what=what), what=what)


def send(request: http.Request, *, what: str) -> http.Answer:
    """Raises SignInRefused where there is no answer at all, or too many wait for one already."""
    if not _asking.acquire(timeout=0.5):
        raise SignInRefused(
            "busy",
            "The console waits for identity providers that do not answer.",
            remedy="Try again in a few seconds.",
        )
    try:
        return http.send(request, _LIMITS)
    except DomainError as fault:
        raise SignInRefused(
            "unreachable",
            f"The {what} at {request.url} could not be read: {fault.cause}",
            remedy=fault.remedy or "Check that the identity provider is up, then try again.",
        ) from fault
    finally:
        _asking.release()


def object_of(answer: http.Answer, *, what: str) -> dict[str, Any]:
    """Raises SignInRefused for another status than success, and for what is no JSON object."""
    if not answer.is_success:
        raise SignInRefused(
            "provider_error",
            f"The identity provider answered {answer.status} for its {what} at {answer.url}.",
            remedy="Check the connection's settings, and what the provider's own log says.",
        )
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise SignInRefused(
            "provider_error",
            f"The {what} at {answer.url} is no JSON object.",
            remedy="Check the address in the connection's settings.",
        )
    return said


def _check_issuer(issuer: str, url: str) -> None:
    """Source: OpenID Connect Discovery 1.0, section 4.3. Entra ID's common addresses, which
    answer with a placeholder, are no single Organization's and are refused with that."""
    if url.split("?")[0] != f"{issuer.rstrip('/')}{_WELL_KNOWN}":
        raise SignInRefused(
            "bad_discovery",
            f"The discovery document at {url} speaks of another issuer, {issuer}.",
            remedy="Use the discovery URL of that issuer.",
        )


def _check_address(name: str, value: object) -> None:
    if not value:
        return
    try:
        rules.checked(str(value))
    except DomainError as fault:
        raise SignInRefused(
            "bad_discovery",
            f"The {name} in the discovery document cannot be used: {fault.cause}",
            remedy=fault.remedy,
        ) from None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
