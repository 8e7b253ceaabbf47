"""A call as handlers see it, by HTTP or inside Bulk, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.conf import settings

from access.actor import Actor
from accounts.models import Organization
from api.scim.errors import Changed


@dataclass(frozen=True)
class Call:
    organization: Organization
    actor: Actor
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    if_match: str = ""
    if_none_match: str = ""

    @property
    def base(self) -> str:
        """The address that all others of this Organization begin with."""
        return f"{settings.BASE_URL}/scim/v2/{self.organization.pk}"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    location: str = ""
    version: str = ""


Handler = Callable[..., Answer]
"""From a call, and the id in the address where there is one."""


class Versioned(Protocol):
    version: int


def version_of(row: Versioned) -> str:
    """A weak ETag: it changes with each change of what the provider wrote."""
    return f'W/"{row.version}"'


def require_match(call: Call, row: Versioned) -> None:
    """Raise Changed unless `If-Match`, where it was sent, names the version that is there."""
    if call.if_match and not _names(call.if_match, version_of(row)):
        raise Changed(
            f"It is version {version_of(row)} by now, and the request is for {call.if_match[:80]}.",
            remedy="Read it again, and send the change with the version that is answered.",
        )


def is_unchanged(call: Call, row: Versioned) -> bool:
    """Whether the caller has this version already (`If-None-Match`)."""
    return bool(call.if_none_match) and _names(call.if_none_match, version_of(row))


def _names(header: str, version: str) -> bool:
    """Compared weakly (RFC 9110, section 8.8.3.2)."""
    bare = version.removeprefix("W/")
    listed = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in listed or bare in listed
