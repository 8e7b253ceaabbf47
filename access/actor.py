"""The actor: may you, and who did it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from access.grants import grants_of
from access.permissions import Permission
from access.roles import AnyRole, rights_of
from access.scopes import Principal, PrincipalKind, Scope, Scoped, ScopeKind

_ALL = frozenset(Permission)
_INSIDE = frozenset({"system", "cli"})


@dataclass(frozen=True)
class Origin:
    """Where a request came from, for the audit log."""

    door: str = "system"
    """`page`, `api`, `cli`, `airflow`, `scim` or `system`."""
    source_ip: str = ""
    user_agent: str = ""
    request_id: str = ""

    @property
    def address(self) -> str | None:
        """Where rights are asked from: None for the console itself and for whoever has its
        machine, and `::`, which is nobody's, where a door does not know."""
        return None if self.door in _INSIDE else self.source_ip or "::"


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts, with the rights it holds at this moment.

    Make one for each request or task: rights are read once and kept for its life.
    """

    principal: Principal
    origin: Origin = field(default_factory=Origin)
    _held: dict[tuple[Scope, ...], frozenset[Permission]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What was asked before: pages ask the same of one object many times."""

    _scope_ids: dict[tuple[ScopeKind, Permission], list[str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    granters: dict[tuple[Scope, ...], str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Who was named before as able to give roles on a thing (`policy.who_can_grant`)."""

    @cached_property
    def roles(self) -> Mapping[Scope, frozenset[AnyRole]]:
        found: dict[Scope, set[AnyRole]] = {}
        for grant in grants_of(self.principal, self.origin.address):
            found.setdefault(grant.scope, set()).add(grant.role)
        return {scope: frozenset(roles) for scope, roles in found.items()}

    @property
    def is_system(self) -> bool:
        return self.principal.kind is PrincipalKind.SYSTEM

    def permissions_on(self, subject: Scoped) -> frozenset[Permission]:
        """All rights on `subject`: those granted on it and on everything that it lies in."""
        if self.is_system:
            return _ALL
        scopes = subject.access_scopes()
        held = self._held.get(scopes)
        if held is None:
            roles = (role for scope in scopes for role in self.roles.get(scope, ()))
            held = frozenset().union(*(rights_of(role) for role in roles))
            self._held[scopes] = held
        return held

    def can(self, permission: Permission, subject: Scoped) -> bool:
        return permission in self.permissions_on(subject)

    def scope_ids(self, kind: ScopeKind, permission: Permission) -> list[str]:
        """Ids of the scopes of one kind on which a role holds `permission`."""
        key = (kind, permission)
        if key not in self._scope_ids:
            holds = {roles: _holds(roles, permission) for roles in set(self.roles.values())}
            self._scope_ids[key] = [
                scope.id
                for scope, roles in self.roles.items()
                if scope.kind is kind and holds[roles]
            ]
        return self._scope_ids[key]


def _holds(roles: Iterable[AnyRole], permission: Permission) -> bool:
    return any(permission in rights_of(role) for role in roles)


def system(label: str) -> Actor:
    """The console itself, named after the part that acts, for example `reconciler`."""
    return Actor(Principal(PrincipalKind.SYSTEM, "system", label))


ANONYMOUS = Actor(Principal(PrincipalKind.ANONYMOUS, "", "anonymous"))
