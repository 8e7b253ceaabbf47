"""From the ids of an address to objects: each must be visible and lie in the one before it."""

from __future__ import annotations

from access.actor import Actor
from accounts import queries as accounts
from accounts.models import Organization
from deployments import queries as deployments
from deployments.models import Deploy, Deployment
from web.errors import NotFound
from workspaces import queries as workspaces
from workspaces.models import Workspace


def organization(actor: Actor, organization_id: str) -> Organization:
    return accounts.organization(actor, organization_id)


def workspace(actor: Actor, organization_id: str, workspace_id: str) -> Workspace:
    found = workspaces.workspace(actor, workspace_id)
    _require_in(organization_id, found.organization_id, "workspace")
    return found


def deployment(actor: Actor, organization_id: str, deployment_id: str) -> Deployment:
    found = deployments.deployment(actor, deployment_id)
    _require_in(organization_id, found.organization_id, "deployment")
    return found


def deploy(actor: Actor, organization_id: str, deployment_id: str, deploy_id: str) -> Deploy:
    of = deployment(actor, organization_id, deployment_id)
    return deployments.deploy(actor, of, deploy_id)


def _require_in(wanted: str, actual: str, name: str) -> None:
    if wanted != actual:
        raise NotFound(
            f"This {name} does not exist, or you have no access to it.",
            remedy="Check the ids in the address.",
        )
