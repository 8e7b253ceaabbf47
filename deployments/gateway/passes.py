"""What a browser keeps on one Airflow's host: a sealed note of its console session.

The note is opaque there, never reaches Airflow, and is worth nothing once the session has ended.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.cache import cache as shared
from django.utils.crypto import salted_hmac

COOKIE = "astro_airflow"
STATE_COOKIE = "astro_sign_in"
TICKET_LIFE_SECONDS = 30


@dataclass(frozen=True)
class Pass:
    """Lets the holder of one console session into one Deployment, as long as both last."""

    session_key: str
    namespace: str


def seal(granted: Pass) -> str:
    """The cookie's value."""
    return _encrypt("pass", {"session": granted.session_key, "namespace": granted.namespace})


def unseal(value: str) -> Pass | None:
    """None for whatever this console did not seal."""
    found = _decrypt("pass", value)
    return Pass(found["session"], found["namespace"]) if found else None


def ticket(granted: Pass, *, state: str) -> str:
    """A way to hand a pass to another host once: good for 30 s and for the browser with `state`."""
    return _encrypt(
        "ticket",
        {
            "session": granted.session_key,
            "namespace": granted.namespace,
            "state": state,
            "id": secrets.token_hex(16),
        },
    )


def redeem(value: str, *, namespace: str, state: str) -> Pass | None:
    """The pass in a ticket, the first time only; None for a used, old, foreign or forged one."""
    found = _decrypt("ticket", value, life=TICKET_LIFE_SECONDS)
    if not found or found["namespace"] != namespace:
        return None
    if not state or not secrets.compare_digest(found["state"], state):
        return None
    # `add` is one atomic step in the cache server: of two redeemers one wins
    if not shared.add(f"gateway:ticket:{found['id']}", 1, timeout=2 * TICKET_LIFE_SECONDS):
        return None
    return Pass(found["session"], namespace)


def new_state() -> str:
    return secrets.token_urlsafe(24)


def _encrypt(purpose: str, payload: dict[str, str]) -> str:
    return _fernet(purpose, settings.SECRET_KEY).encrypt(json.dumps(payload).encode()).decode()


def _decrypt(purpose: str, value: str, *, life: int | None = None) -> dict[str, Any] | None:
    try:
        plain = _fernet(purpose, settings.SECRET_KEY).decrypt(value.encode(), ttl=life)
    except (InvalidToken, UnicodeEncodeError):
        return None
    payload: dict[str, Any] = json.loads(plain)
    return payload


@cache
def _fernet(purpose: str, secret: str) -> Fernet:
    """One key for each purpose, so that no ticket passes for a cookie."""
    key = salted_hmac(f"deployments.gateway.{purpose}", "", secret=secret, algorithm="sha256")
    return Fernet(base64.urlsafe_b64encode(key.digest()))
