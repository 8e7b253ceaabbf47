"""API tokens of a whole Organization: what drives the console by script."""

from __future__ import annotations

from typing import Unpack

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.scopes import ScopeKind
from accounts.models import ApiToken, Organization, OrganizationRoleBinding
from accounts.services.token_homes import Change, Home, Wanted
from accounts.services.token_rules import shown

HOME: Home[Organization] = Home(
    ScopeKind.ORGANIZATION,
    OrganizationRoleBinding,
    organization=lambda organization: organization,
    claims=lambda organization: (f"organizationId:{organization.pk}",),
)


@action(Permission.ORGANIZATION_API_TOKENS_CREATE, creates=True)
def create_token(
    organization: Organization, *, role: str, actor: Actor, **wanted: Unpack[Wanted]
) -> ApiToken:
    """Make a token with one role on the Organization; `value` on the answer is shown once.

    Raises InvalidInput for a lifetime that is not allowed, a role of another scope and networks
    that are none; ExceedsOwnRights for a role above the actor's own.
    """
    return HOME.create(organization, role, actor, **wanted)


@action(Permission.ORGANIZATION_API_TOKENS_UPDATE, also=shown)
def update_token(
    held: OrganizationRoleBinding, *, actor: Actor, **change: Unpack[Change]
) -> ApiToken:
    """Change a token of the Organization. Raises as `create_token`, and StaleToken."""
    return HOME.update(held, actor, **change)


@action(Permission.ORGANIZATION_API_TOKENS_ROTATE, also=shown)
def rotate_token(held: OrganizationRoleBinding, *, loaded: str = "", actor: Actor) -> ApiToken:
    """Give it a new value; the old one is void at once. Raises StaleToken, ExceedsOwnRights."""
    return HOME.rotate(held, actor, loaded=loaded)


@action(Permission.ORGANIZATION_API_TOKENS_DELETE, also=shown)
def delete_token(held: OrganizationRoleBinding, *, typed_name: str, actor: Actor) -> ApiToken:
    """Make it void for good, wherever it was attached. Raises InvalidInput without its name."""
    return HOME.delete(held, typed_name=typed_name)
