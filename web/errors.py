"""Errors that a person or program can act on, whichever door they came through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """A refusal with its reason: what happened, why, and what to do next.

    Raised by services and queries. The page middleware and the API's exception handler render
    it alike, so no door words a refusal of its own.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = "That did not work"

    def __init__(
        self, cause: str, *, remedy: str = "", fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
        self.fields = dict(fields or {})
        """Messages by form field, for errors that belong to one."""


class InvalidInput(DomainError):
    status = 400
    title = "Some of what you entered cannot be used"


def check_text(field: str, text: str, *, least: int = 0, most: int) -> None:
    """Raise InvalidInput, naming the field, for a text that is too short or too long."""
    if not least <= len(text.strip()) or len(text) > most:
        rule = (
            f"Between {least} and {most:,} characters" if least else f"At most {most:,} characters"
        )
        raise InvalidInput(f"{rule}.", remedy="Correct it and send it again.", fields={field: rule})


class NotFound(DomainError):
    """Also the answer for what exists but may not be seen."""

    status = 404
    title = "There is nothing here"


class Conflict(DomainError):
    """The object is not in the state that the request supposes."""

    status = 409
    title = "This cannot be done right now"


class TooLarge(DomainError):
    status = 413
    title = "That is too large"


class Unavailable(DomainError):
    """A part that the request needs does not answer; trying again may help."""

    status = 503
    title = "A part of the console does not answer"
