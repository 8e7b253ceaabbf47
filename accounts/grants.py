"""What the Organization's table says about somebody's roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from access.grants import columns
from access.roles import Role
from access.scopes import INSTALLATION, Grant, Principal, PrincipalKind, ScopeKind
from accounts.models import ApiToken, Organization, OrganizationRoleBinding

_SUBJECT = {PrincipalKind.USER: "user_id", PrincipalKind.API_TOKEN: "api_token_id"}


def of_subject(principal: Principal) -> dict[str, str] | None:
    """The filter that finds a principal's bindings, or None where it can have none."""
    field = _SUBJECT.get(principal.kind)
    return {field: principal.id} if field else None


def installation_grants(principal: Principal) -> Iterator[Grant]:
    """The operator's right; asks no database, since it came with the person."""
    if principal.is_operator:
        yield Grant(INSTALLATION, Role.INSTALLATION_OPERATOR)


def organization_rows(principal: Principal) -> QuerySet[Any, Any] | None:
    """The bindings in Organizations that are not suspended."""
    subject = of_subject(principal)
    if subject is None:
        return None
    found = OrganizationRoleBinding.objects.filter(
        organization__status=Organization.Status.ACTIVE, **subject
    )
    return columns(found, ScopeKind.ORGANIZATION, "organization_id", "role")


def home_rows(principal: Principal) -> QuerySet[Any, Any] | None:
    """A token of any scope may see which Organization it belongs to."""
    if principal.kind is not PrincipalKind.API_TOKEN:
        return None
    found = ApiToken.objects.filter(pk=principal.id)
    role = Role.ORGANIZATION_ACCESSOR
    return columns(found, ScopeKind.ORGANIZATION, "organization_id", role)
