"""What the Organization's table says about somebody's roles."""

from __future__ import annotations

from collections.abc import Iterator

from access.roles import Role
from access.scopes import INSTALLATION, Grant, Principal, PrincipalKind, Scope, ScopeKind
from accounts.models import ApiToken, Organization, OrganizationRoleBinding, RoleBinding

_SUBJECT = {PrincipalKind.USER: "user_id", PrincipalKind.API_TOKEN: "api_token_id"}


def of_subject(principal: Principal) -> dict[str, str] | None:
    """The filter that finds a principal's bindings, or None where it can have none."""
    field = _SUBJECT.get(principal.kind)
    return {field: principal.id} if field else None


def rows(model: type[RoleBinding], principal: Principal, *columns: str) -> list[tuple[str, ...]]:
    """The given columns of all bindings of a principal, in one query."""
    subject = of_subject(principal)
    if subject is None:
        return []
    return list(model._default_manager.filter(**subject).values_list(*columns))


def installation_grants(principal: Principal) -> Iterator[Grant]:
    """The operator's right; asks no database, since it came with the person."""
    if principal.is_operator:
        yield Grant(INSTALLATION, Role.INSTALLATION_OPERATOR)


def organization_grants(principal: Principal) -> Iterator[Grant]:
    found = OrganizationRoleBinding.objects.filter(
        organization__status=Organization.Status.ACTIVE, **(of_subject(principal) or {"pk": ""})
    )
    for organization_id, role in found.values_list("organization_id", "role"):
        yield Grant(Scope(ScopeKind.ORGANIZATION, organization_id), Role(role))
    if principal.kind is PrincipalKind.API_TOKEN:
        yield from _home_of(principal)


def _home_of(principal: Principal) -> Iterator[Grant]:
    """A token of any scope may see which Organization it belongs to."""
    for organization_id in ApiToken.objects.filter(pk=principal.id).values_list(
        "organization_id", flat=True
    ):
        yield Grant(Scope(ScopeKind.ORGANIZATION, organization_id), Role.ORGANIZATION_ACCESSOR)
