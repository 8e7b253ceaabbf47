"""What the Organization's table says about somebody's roles."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from access import roles
from access.grants import Admits, columns
from access.roles import Role
from access.scopes import INSTALLATION, Grant, Principal, PrincipalKind, ScopeKind
from accounts.models import (
    ApiToken,
    CustomRole,
    Organization,
    OrganizationRoleBinding,
    RoleBinding,
    TeamMembership,
)

B = TypeVar("B", bound=RoleBinding)

_SUBJECTS = {
    PrincipalKind.USER: ("user_id", "team__memberships__user_id"),
    PrincipalKind.TEAM: ("team_id",),
    PrincipalKind.API_TOKEN: ("api_token_id",),
}


def of_subject(principal: Principal) -> dict[str, str] | None:
    """The filter that finds a principal's own bindings, or None where it can have none."""
    fields = _SUBJECTS.get(principal.kind)
    return {fields[0]: principal.id} if fields else None


def subject_fields(kind: PrincipalKind) -> tuple[str, ...]:
    """From a binding to the id of somebody of this kind: their own, and where a Team lends it."""
    return _SUBJECTS.get(kind, ())


def lent_to(bindings: QuerySet[B], principal: Principal) -> list[QuerySet[B]]:
    """Those of `bindings` that hold for somebody: their own, and apart those of their Teams.

    Apart, because PostgreSQL finds each by its index, and cannot where they are joined by OR.
    """
    return [bindings.filter(**{f: principal.id}) for f in _SUBJECTS.get(principal.kind, ())]


def usable(organization: str) -> tuple[Q, Admits]:
    """Filters: what lies in an Organization that is not suspended and admits where one asks from.

    `organization` is the look-up that leads to it.
    """
    is_active = Q(**{f"{organization}__status": Organization.Status.ACTIVE})
    return is_active, Admits(f"{organization}__admitted_networks")


def installation_grants(principal: Principal) -> Iterator[Grant]:
    """The operator's right; asks no database, since it came with the person."""
    if principal.is_operator:
        yield Grant(INSTALLATION, Role.INSTALLATION_OPERATOR)


def organization_rows(principal: Principal) -> Iterator[QuerySet[Any, Any]]:
    """The bindings in Organizations that can be used."""
    found = OrganizationRoleBinding.objects.filter(*usable("organization"))
    for lent in lent_to(found, principal):
        yield columns(lent, ScopeKind.ORGANIZATION, "organization_id")


def home_rows(principal: Principal) -> Iterator[QuerySet[Any, Any]]:
    """A token of any scope may see which Organization it belongs to."""
    if principal.kind is PrincipalKind.API_TOKEN:
        admits = Admits("organization__admitted_networks")
        found = ApiToken.objects.filter(admits, pk=principal.id)
        yield columns(found, ScopeKind.ORGANIZATION, "organization_id", Role.ORGANIZATION_ACCESSOR)


def custom_roles(ids: Collection[str]) -> dict[str, roles.CustomRole]:
    """Roles that Organizations made, with what each scope needs at the least to be entered."""
    found = CustomRole.objects.filter(pk__in=ids)
    return {role.pk: role.as_granted() for role in found}


def remove_team_memberships(principal: Principal, organization_id: str) -> None:
    """Who leaves an Organization leaves its Teams."""
    if principal.kind is PrincipalKind.USER:
        TeamMembership.objects.filter(
            user_id=principal.id, team__organization_id=organization_id
        ).delete()
