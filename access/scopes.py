"""Where rights apply, and where each app declares the grants it keeps.

Rooms further up the staircase own the tables (`OrganizationRoleBinding` and its like); they
register a loader here in their app's `ready()`, so that `access` never looks up the stairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.db import transaction

from access.roles import AnyRole


class ScopeKind(StrEnum):
    INSTALLATION = "installation"
    ORGANIZATION = "organization"
    WORKSPACE = "workspace"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True)
class Scope:
    kind: ScopeKind
    id: str


INSTALLATION = Scope(ScopeKind.INSTALLATION, "installation")
"""The one installation that everything lies in."""


class Scoped(Protocol):
    """An object that rights can be asked about."""

    def access_scopes(self) -> tuple[Scope, ...]:
        """Itself and everything that it lies in, narrowest first."""


@dataclass(frozen=True)
class Grant:
    scope: Scope
    role: AnyRole


class PrincipalKind(StrEnum):
    USER = "USER"
    TEAM = "TEAM"
    """Never acts itself: its members do, with what it lends them."""
    API_TOKEN = "API_TOKEN"  # noqa: S105
    SYSTEM = "SYSTEM"
    ANONYMOUS = "ANONYMOUS"


@dataclass(frozen=True)
class Principal:
    """Who acts, as plain ids: the subject of grants and of audit rows."""

    kind: PrincipalKind
    id: str
    label: str
    is_operator: bool = False
    """Runs the installation; known with the person, so that it costs no question of its own."""


EVERYBODY = Principal(PrincipalKind.SYSTEM, "*", "everybody")
"""Whom a change concerns that many should hear of: each looks again, which is harmless."""
_ONE_BY_ONE = 50

GrantRemover = Callable[[Principal, str], None]
_removers: list[GrantRemover] = []


def register_removal(remover: GrantRemover) -> None:
    """Have `remover` take away the grants it keeps when somebody leaves an Organization."""
    if remover not in _removers:
        _removers.append(remover)


def remove_grants(principal: Principal, organization_id: str) -> None:
    """Take away every grant below an Organization, in the caller's transaction."""
    for remover in _removers:
        remover(principal, organization_id)


AccessListener = Callable[[Principal], None]
_listeners: list[AccessListener] = []


def on_access_changed(listener: AccessListener) -> None:
    """Have `listener` called after each committed change of somebody's rights."""
    if listener not in _listeners:
        _listeners.append(listener)


def access_changed(principal: Principal) -> None:
    """Tell the listeners (open Airflow tabs, event streams); call it on commit."""
    for listener in _listeners:
        listener(principal)


def announce_all_on_commit(principals: Iterable[Principal]) -> None:
    """The same for many, who hear of it by one word to everybody where they are too many."""
    concerned = tuple(principals)
    for principal in (EVERYBODY,) if len(concerned) > _ONE_BY_ONE else concerned:
        announce_on_commit(principal)


def announce_on_commit(principal: Principal) -> None:
    """Call `access_changed` once the change of rights is committed, and never if it is not."""
    transaction.on_commit(lambda: access_changed(principal), robust=True)
