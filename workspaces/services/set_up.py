"""The first minute: person, Organization and first Workspace together or not at all."""

from __future__ import annotations

from django.db import transaction

from access.actor import Actor, Origin
from access.roles import Role
from accounts.middleware import person
from accounts.models import ApiToken, Organization, User
from accounts.services import organization_tokens, setup
from workspaces.models import Workspace
from workspaces.services import workspaces

FIRST_WORKSPACE = "Data"


@transaction.atomic
def set_up(
    *,
    full_name: str,
    email: str,
    password: str | None,
    organization_name: str,
    workspace_name: str,
    origin: Origin,
) -> tuple[User, Workspace]:
    """Make the first person, their Organization and its first Workspace.

    Raises Conflict when somebody was faster.
    """
    user, organization = setup.first_person(
        email=email, full_name=full_name, password=password, organization_name=organization_name
    )
    workspace = workspaces.create(organization, name=workspace_name, actor=person(user, origin))
    return user, workspace


def furnish(organization: Organization, actor: Actor) -> None:
    """A first Workspace for somebody who signed up alone."""
    workspaces.create(organization, name=FIRST_WORKSPACE, actor=actor)


@transaction.atomic
def bootstrap(
    *, full_name: str, email: str, organization_name: str, workspace_name: str, origin: Origin
) -> tuple[Workspace, ApiToken]:
    """The same without a browser: nobody has a password, and a token that may do everything.

    The token's `value` is never seen again. Raises as `set_up`.
    """
    user, workspace = set_up(
        full_name=full_name,
        email=email,
        password=None,
        organization_name=organization_name,
        workspace_name=workspace_name,
        origin=origin,
    )
    token = organization_tokens.create_token(
        workspace.organization,
        name="bootstrap",
        role=Role.ORGANIZATION_OWNER,
        actor=person(user, origin),
    )
    return workspace, token
