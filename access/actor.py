"""The actor: may you, and who did it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from access.grants import grants_of
from access.permissions import Permission
from access.roles import PERMISSIONS_OF, Role
from access.scopes import Principal, PrincipalKind, Scope, Scoped, ScopeKind


@dataclass(frozen=True)
class Origin:
    """Where a request came from, for the audit log."""

    door: str = "system"
    """`page`, `api`, `cli`, `airflow`, `scim` or `system`."""
    source_ip: str = ""
    user_agent: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts, with the rights it holds at this moment.

    Make one for each request or task: rights are read once and kept for its life.
    """

    principal: Principal
    origin: Origin = field(default_factory=Origin)

    @cached_property
    def roles(self) -> Mapping[Scope, frozenset[Role]]:
        found: dict[Scope, set[Role]] = {}
        for grant in grants_of(self.principal):
            found.setdefault(grant.scope, set()).add(grant.role)
        return {scope: frozenset(roles) for scope, roles in found.items()}

    @property
    def is_system(self) -> bool:
        return self.principal.kind is PrincipalKind.SYSTEM

    def permissions_on(self, subject: Scoped) -> frozenset[Permission]:
        """All rights on `subject`: those granted on it and on everything that it lies in."""
        if self.is_system:
            return frozenset(Permission)
        roles = (role for scope in subject.access_scopes() for role in self.roles.get(scope, ()))
        return frozenset().union(*(PERMISSIONS_OF[role] for role in roles))

    def can(self, permission: Permission, subject: Scoped) -> bool:
        return permission in self.permissions_on(subject)

    def scope_ids(self, kind: ScopeKind, permission: Permission) -> list[str]:
        """Ids of the scopes of one kind on which a role holds `permission`."""
        return [
            scope.id
            for scope, roles in self.roles.items()
            if scope.kind is kind and _holds(roles, permission)
        ]


def _holds(roles: Iterable[Role], permission: Permission) -> bool:
    return any(permission in PERMISSIONS_OF[role] for role in roles)


def system(label: str) -> Actor:
    """The console itself, named after the part that acts, for example `reconciler`."""
    return Actor(Principal(PrincipalKind.SYSTEM, "system", label))


ANONYMOUS = Actor(Principal(PrincipalKind.ANONYMOUS, "", "anonymous"))
