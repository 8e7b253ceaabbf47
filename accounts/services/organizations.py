"""What can be done to an Organization itself."""

from __future__ import annotations

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization
from web.errors import check_text


@action(Permission.ORGANIZATION_UPDATE)
def update_organization(
    organization: Organization, *, name: str, allows_deprecated_runtimes: bool, actor: Actor
) -> Organization:
    """Change the settings; its id, and so every address, stays.

    Raises InvalidInput unless the name has 1 to 50 characters.
    """
    check_text("name", name, least=1, most=50)
    organization.name = name
    organization.allows_deprecated_runtimes = allows_deprecated_runtimes
    organization.save(update_fields=["name", "allows_deprecated_runtimes", "updated_at"])
    return organization
