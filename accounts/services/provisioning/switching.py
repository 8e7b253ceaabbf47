"""SCIM switched on and off, for a whole Organization."""

from __future__ import annotations

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization, Team


@action(Permission.ORGANIZATION_SCIM_UPDATE)
def switch_scim(organization: Organization, *, is_on: bool, actor: Actor) -> Organization:
    """Let an identity provider say who is here, or stop it.

    While it is off, its people and Teams stay as they are and can be changed by hand. Switched on
    again, its Teams are its own again; what was changed meanwhile stays until it says otherwise.
    """
    organization.is_scim_on = is_on
    organization.save(update_fields=["is_scim_on", "updated_at"])
    own = Team.objects.filter(organization=organization, provisioned_group__isnull=False)
    own.update(is_idp_managed=is_on)
    return organization
