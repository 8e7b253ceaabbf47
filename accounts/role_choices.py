"""Which roles may be given on an Organization, a Workspace or a Deployment, and by whom.

A form names a role by one word: the name in the table, or the id of one that is the Organization's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from access.actor import Actor
from access.policy import ExceedsOwnRights, require_within
from access.roles import (
    DEPLOYMENT_ROLES,
    ORGANIZATION_ROLES,
    WORKSPACE_ROLES,
    AnyRole,
    CustomRole,
    Role,
)
from access.scopes import Scoped, ScopeKind
from accounts import models
from web.errors import InvalidInput

ROLES_OF: dict[ScopeKind, tuple[Role, ...]] = {
    ScopeKind.ORGANIZATION: ORGANIZATION_ROLES,
    ScopeKind.WORKSPACE: WORKSPACE_ROLES,
    ScopeKind.DEPLOYMENT: DEPLOYMENT_ROLES,
}
"""Strongest first."""


@dataclass(frozen=True)
class RoleChoice:
    """One line of a list of roles."""

    value: str
    """What a form sends."""
    label: str
    description: str
    role: AnyRole
    refusal: str
    """Why this actor may not give it; empty when it may."""

    @property
    def is_custom(self) -> bool:
        return isinstance(self.role, CustomRole)


def choices(actor: Actor, subject: Scoped) -> list[RoleChoice]:
    """What can be given on `subject`, weakest first, then the Organization's own. One query."""
    roles: list[tuple[str, str, AnyRole]] = [
        (role.value, "", role) for role in reversed(ROLES_OF[_kind(subject)])
    ]
    roles += [(made.pk, made.description, made.as_granted()) for made in assignable(subject)]
    return [
        RoleChoice(value, role.label, description, role, _refusal(actor, role, subject))
        for value, description, role in roles
    ]


def assignable(subject: Scoped) -> QuerySet[models.CustomRole]:
    """Roles of the Organization that may be given on `subject`, by name."""
    ids = {scope.kind: scope.id for scope in subject.access_scopes()}
    here = models.CustomRole.objects.filter(
        organization_id=ids[ScopeKind.ORGANIZATION], scope_type=_kind(subject).value.upper()
    )
    workspace = ids.get(ScopeKind.WORKSPACE, "")
    allowed = Q(restricted_workspace_ids=[]) | Q(restricted_workspace_ids__contains=[workspace])
    return here.filter(allowed).order_by("name")


def chosen(value: str, subject: Scoped) -> AnyRole:
    """The role that a form's word means on `subject`. Raises InvalidInput for any other word."""
    if value in ROLES_OF[_kind(subject)]:
        return Role(value)
    made = assignable(subject).filter(pk=value).first()
    if made is None:
        raise _not_here(subject)
    return made.as_granted()


def given(role: AnyRole, subject: Scoped, *, actor: Actor) -> dict[str, Any]:
    """The fields of a binding that gives `role` on `subject`; call it inside a transaction.

    A role of the Organization is read anew and held, so that it cannot be restricted or removed
    meanwhile. Raises InvalidInput for one that cannot be given there, ExceedsOwnRights for one
    that holds more than the actor does there.
    """
    if isinstance(role, CustomRole):
        held = assignable(subject).select_for_update(no_key=True).filter(pk=role.id).first()
        if held is None:
            raise _not_here(subject)
        require_within(actor, held.as_granted(), subject)
        return {"role": "", "custom_role": held}
    if role not in ROLES_OF[_kind(subject)]:
        raise _not_here(subject)
    require_within(actor, role, subject)
    return {"role": role.value, "custom_role": None}


def _refusal(actor: Actor, role: AnyRole, subject: Scoped) -> str:
    try:
        require_within(actor, role, subject)
    except ExceedsOwnRights as refused:
        return refused.cause
    return ""


def _kind(subject: Scoped) -> ScopeKind:
    return subject.access_scopes()[0].kind


def _not_here(subject: Scoped) -> InvalidInput:
    name = _kind(subject).value.title()
    article = "an" if name == "Organization" else "a"
    return InvalidInput(
        f"This is not a role that can be given on {article} {name} here.",
        remedy="Choose one of the list.",
        fields={"role": "Choose one of the list"},
    )
