"""What an identity provider says of somebody, once its answer is proven to be its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from web.errors import DomainError

_LONGEST_CAUSE, _LONGEST_ADDRESS = 500, 254


class SignInRefused(DomainError):
    """Nobody is signed in; the reason stands in the audit log too."""

    status = 403
    title = "You were not signed in"

    def __init__(self, reason: str, cause: str, *, remedy: str = "", email: str = "") -> None:
        # What a provider, or whoever poses as one, says in it goes into a log that only grows
        super().__init__(cause[:_LONGEST_CAUSE], remedy=remedy)
        self.reason = reason
        """One word for machines, for example `wrong_nonce`."""
        self.email = email[:_LONGEST_ADDRESS]
        """Whom the answer spoke of, where that much could be read."""


@dataclass(frozen=True)
class Claims:
    """Whatever the protocol, the same for whoever decides."""

    subject: str
    """The provider's own name for the person, which it gives to nobody else."""
    email: str
    first_name: str = ""
    last_name: str = ""
    name: str = ""
    groups: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    """Everything received, for the page of a test."""
    session_hint: str = ""
    """By what the provider knows the session again when it is to end."""

    @property
    def full_name(self) -> str:
        """As the console shows people, at most 100 characters."""
        return (self.name or f"{self.first_name} {self.last_name}").strip()[:100]
