"""API tokens of a whole Organization: what drives the console by script."""

from __future__ import annotations

from datetime import timedelta

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import ORGANIZATION_ROLES, Role
from access.scopes import ScopeKind
from accounts.models import ApiToken, Organization, OrganizationRoleBinding
from accounts.services import tokens


@action(Permission.ORGANIZATION_API_TOKENS_CREATE, creates=True)
def create_token(
    organization: Organization,
    *,
    name: str,
    role: Role,
    lifetime: timedelta | None = None,
    actor: Actor,
) -> ApiToken:
    """Make a token with one role on the Organization; `value` on the answer is shown once.

    Raises InvalidInput for a lifetime outside 1 to 3650 days or a role of another scope.
    """
    tokens.check_role(role, ORGANIZATION_ROLES)
    token = tokens.issue(
        organization,
        kind=ScopeKind.ORGANIZATION,
        scope_id=organization.pk,
        claims=(f"organizationId:{organization.pk}",),
        name=name,
        lifetime=lifetime,
        actor=actor,
    )
    OrganizationRoleBinding.objects.create(organization=organization, api_token=token, role=role)
    return token
