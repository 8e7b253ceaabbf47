"""What was begun in which browser: an answer counts there alone, once, for ten minutes.

It is kept in the session. Source: RFC 6749, section 10.12; RFC 9700, section 4.7.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from django.http import HttpRequest

from accounts.models import SsoConnection

LASTS_SECONDS = 600
_MOST = 5
_KEY = "sso_flows"


class Purpose(StrEnum):
    SIGN_IN = "sign-in"
    TEST = "test"
    """Shows what would happen, and signs nobody in."""


@dataclass(frozen=True)
class Flow:
    connection_id: str
    purpose: Purpose
    next_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """What the protocol knows its answer by: nonce and verifier, or the id of the request."""
    at: float = 0.0


def begin(
    request: HttpRequest,
    connection: SsoConnection,
    *,
    purpose: Purpose,
    next_url: str,
    secrets_: Mapping[str, str],
) -> str:
    """Remember a flow, and answer the `state` by which it is found again."""
    state = secrets.token_urlsafe(24)
    flow = Flow(connection.pk, purpose, next_url, dict(secrets_), time.time())
    others = sorted(_kept(request).items(), key=lambda item: item[1]["at"])[-(_MOST - 1) :]
    request.session[_KEY] = dict(others) | {state: asdict(flow)}
    return state


def take(request: HttpRequest, connection: SsoConnection, state: str) -> Flow | None:
    """The flow that this browser began, which is over with that; None for every other."""
    kept = _kept(request)
    found = kept.pop(state, None)
    if found is None:
        return None
    request.session[_KEY] = kept
    flow = Flow(**{**found, "purpose": Purpose(found["purpose"])})
    is_ours = flow.connection_id == connection.pk
    return flow if is_ours and time.time() - flow.at <= LASTS_SECONDS else None


def _kept(request: HttpRequest) -> dict[str, Any]:
    kept = request.session.get(_KEY)
    return dict(kept) if isinstance(kept, dict) else {}
