"""A person and a group as an identity provider wants them, and what the console makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_LONGEST_ADDRESS = 254
_LONGEST_NAME = 100


@dataclass(frozen=True)
class WantedUser:
    """One person. `attributes` is all that has no field here, as RFC 7643 writes it."""

    user_name: str
    external_id: str
    is_active: bool | None
    """None: nothing is said of it, and it stays as it is."""
    attributes: Mapping[str, Any]

    @property
    def email(self) -> str:
        """The address that an account goes by: the user name if it is one, else the primary
        e-mail address, the one for work, or the first; empty where there is none."""
        given = [each for each in self.attributes.get("emails", ()) if each.get("value")]
        given.sort(key=lambda each: (not each.get("primary"), each.get("type") != "work"))
        for text in (self.user_name, *(each["value"] for each in given)):
            if _is_address(text):
                return str(text).strip().lower()
        return ""

    @property
    def full_name(self) -> str:
        """What pages call the person, in at most 100 characters; empty where nothing is said."""
        name = self.attributes.get("name", {})
        parts = (name.get("givenName", ""), name.get("familyName", ""))
        said = self.attributes.get("displayName") or name.get("formatted") or " ".join(parts)
        return str(said).strip()[:_LONGEST_NAME]


@dataclass(frozen=True)
class WantedGroup:
    """One group; its members are ids of provisioned users."""

    name: str
    external_id: str
    member_ids: frozenset[str]


def _is_address(text: str) -> bool:
    if len(text) > _LONGEST_ADDRESS or "@" not in text:
        return False
    try:
        validate_email(text.strip())
    except ValidationError:
        return False
    return True
