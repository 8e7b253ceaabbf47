"""Refusals in SCIM's own form (RFC 7644, section 3.12)."""

from __future__ import annotations

from typing import Any, ClassVar

from accounts.services.provisioning.errors import Taken, UnknownMember
from web.errors import DomainError, InvalidInput, TooLarge
from web.problems import Problem

MEDIA_TYPE = "application/scim+json"
ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(InvalidInput):
    """A request that the protocol does not allow; each kind has a word of the RFC."""

    scim_type: ClassVar[str] = "invalidValue"


class InvalidSyntax(ScimError):
    scim_type = "invalidSyntax"


class InvalidFilter(ScimError):
    scim_type = "invalidFilter"


class InvalidPath(ScimError):
    scim_type = "invalidPath"


class NoTarget(ScimError):
    scim_type = "noTarget"


class ReadOnly(ScimError):
    scim_type = "mutability"


class InvalidCursor(ScimError):
    """RFC 9865, section 2.1."""

    scim_type = "invalidCursor"


class ExpiredCursor(ScimError):
    scim_type = "expiredCursor"


class InvalidCount(ScimError):
    scim_type = "invalidCount"


class TooMany(TooLarge):
    """More than one request may hold."""


class Changed(DomainError):
    """`If-Match` names another version than the one that is there (RFC 7644, section 3.14)."""

    status = 412
    title = "It was changed meanwhile"


class NotSupported(DomainError):
    status = 501
    title = "This is not supported"


class MethodNotAllowed(DomainError):
    status = 405
    title = "This address does not work that way"


class UnsupportedBody(DomainError):
    status = 415
    title = "The body is not in a form that is understood"


def body(status: int, detail: str, scim_type: str = "") -> dict[str, Any]:
    kind = {"scimType": scim_type} if scim_type else {}
    return {"schemas": [ERROR_URN], "status": str(status), **kind, "detail": detail}


def of(error: DomainError) -> dict[str, Any]:
    """What is said of an error: cause and remedy, and the RFC's word for its kind."""
    return body(error.status, f"{error.cause} {error.remedy}".strip(), _kind(error))


def of_problem(problem: Problem) -> dict[str, Any]:
    """What the console says before the door is reached."""
    return body(problem.status, f"{problem.cause} {problem.remedy}".strip())


def _kind(error: DomainError) -> str:
    if isinstance(error, ScimError):
        return error.scim_type
    if isinstance(error, Taken):
        return "uniqueness"
    if isinstance(error, UnknownMember) or error.status == 400:
        return "invalidValue"
    return ""
