"""The first minute: person, Organization and first Workspace together or not at all."""

from __future__ import annotations

from django.db import transaction

from access.actor import Origin
from accounts.middleware import person
from accounts.models import User
from accounts.services import setup
from workspaces.models import Workspace
from workspaces.services import workspaces


@transaction.atomic
def set_up(
    *,
    full_name: str,
    email: str,
    password: str,
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
