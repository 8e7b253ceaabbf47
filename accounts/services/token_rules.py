"""What must hold before an API token is made, changed or handed out again."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from access.actor import Actor
from access.scopes import Scoped
from accounts import role_choices
from accounts.models import RoleBinding
from audit.record import snapshot
from web.errors import DomainError


class StaleToken(DomainError):
    """The token is no longer what the asker saw; a page shows both."""

    status = 409
    title = "This API token has changed meanwhile"


def granted(actor: Actor, role: str, subject: Scoped) -> dict[str, Any]:
    """The fields of a binding that gives a role, named by one word, on `subject`.

    Raises InvalidInput for a role of another scope, ExceedsOwnRights for one above the actor's.
    """
    return role_choices.given(role_choices.chosen(role, subject), subject, actor=actor)


def require_unchanged(binding: Any, loaded: str) -> None:
    """Raise StaleToken where `loaded` is given and tells of another state."""
    if loaded and loaded != fingerprint(binding):
        raise StaleToken(
            "Somebody changed or rotated this API token since you opened the page.",
            remedy="Compare with what is stored now, then send it again.",
        )


def fingerprint(binding: Any) -> str:
    """What tells whether a token is still what somebody saw."""
    token = binding.api_token
    own = [token.name, token.description, token.address_ranges, token.value_hash]
    words = [*own, binding.worth]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32]


def shown(binding: RoleBinding) -> dict[str, Any]:
    """What before and after say of a change to a token: itself, and its role at home."""
    return snapshot(binding) | (snapshot(binding.api_token) if binding.api_token else {})
