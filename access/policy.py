"""Refusals: one question, one wording."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from access.actor import Actor
from access.permissions import Permission
from access.roles import AnyRole, rights_of, roles_with
from access.scopes import Scoped
from web.errors import DomainError

_FEW = 2
"""People whom a refusal names."""
_NAMED = 5
"""Missing rights that a refusal lists."""


class Refusal(DomainError):
    """Somebody's rights do not reach: it is written into the audit log, once."""

    status = 403
    is_recorded = False


class PermissionDenied(Refusal):
    """The actor may see the object, but not do this to it."""

    title = "Your role does not allow this"

    def __init__(self, permission: Permission) -> None:
        super().__init__(
            f"This needs the right {permission}, which your roles here do not include.",
            remedy=_whom_to_ask(permission),
        )
        self.permission = permission


def _whom_to_ask(permission: Permission) -> str:
    names = role_names(permission)
    if not names:
        return "Ask an operator of this installation."
    return f"Ask an Owner for one of these roles: {names}."


def role_names(permission: Permission) -> str:
    """The roles that hold a right as people read them: `Workspace Operator, Workspace Owner`."""
    return ", ".join(role.value.replace("_", " ").title() for role in roles_with(permission))


def require(actor: Actor, permission: Permission, subject: Scoped) -> None:
    """Raise PermissionDenied unless `actor` holds `permission` on `subject`."""
    if not actor.can(permission, subject):
        raise PermissionDenied(permission)


class ExceedsOwnRights(Refusal):
    """Nobody hands on what they do not hold."""

    title = "This role holds more than yours"


def require_within(actor: Actor, role: AnyRole, subject: Scoped) -> None:
    """Raise ExceedsOwnRights where `role` on `subject` would give a right that `actor` lacks."""
    missing = sorted(rights_of(role) - actor.permissions_on(subject))
    if missing:
        named = ", ".join(missing[:_NAMED]) + (" and more" if len(missing) > _NAMED else "")
        raise ExceedsOwnRights(
            f"{role.label} includes rights that you do not have here: {named}.",
            remedy="Choose a smaller role, or ask somebody who holds these rights.",
        )


def refusal(actor: Actor, permission: Permission, subject: Scoped) -> str:
    """Why a button is disabled, for its hint; empty when `actor` may press it."""
    if actor.can(permission, subject):
        return ""
    *others, last = role_names(permission).split(", ")
    needed = f"Needs {', '.join(others)} or {last}." if others else f"Needs {last}."
    return f"{needed} {who_can_grant(actor, subject)}".strip()


Granters = Callable[[Scoped], Sequence[str]]
_granters: list[Granters] = []


def register_granters(granters: Granters) -> None:
    """Say who can give roles on a thing, by name, the nearest first."""
    if granters not in _granters:
        _granters.append(granters)


def who_can_grant(actor: Actor, subject: Scoped) -> str:
    """`Wanda or Olivia can grant it.`, asked once for each thing; empty where nobody is known."""
    scopes = subject.access_scopes()
    if scopes not in actor.granters:
        names = [name for granters in _granters for name in granters(subject)]
        words = " or ".join(names[:_FEW])
        actor.granters[scopes] = f"{words} can grant it." if names else ""
    return actor.granters[scopes]
