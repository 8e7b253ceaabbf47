"""From the ids of an address to objects: each must be visible and lie in the one before it."""

from __future__ import annotations

from access.actor import Actor
from accounts import queries as accounts
from accounts.models import Organization
from deployments import queries as deployments
from deployments.models import Cluster, Deploy, Deployment
from web.errors import InvalidInput, NotFound
from workspaces import queries as workspaces
from workspaces.models import Workspace


def organization(actor: Actor, organization_id: str) -> Organization:
    return accounts.organization(actor, organization_id)


def workspace(actor: Actor, organization_id: str, workspace_id: str) -> Workspace:
    found = workspaces.workspace(actor, workspace_id)
    _require_in(organization_id, found.organization_id, "workspace")
    return found


def workspace_named(actor: Actor, organization_id: str, workspace_id: str) -> Workspace:
    """The one that a body names. Raises InvalidInput, which names the field."""
    try:
        return workspace(actor, organization_id, workspace_id)
    except NotFound as error:
        raise InvalidInput(
            error.cause, remedy="Check the id.", fields={"workspaceId": error.cause}
        ) from None


def cluster(organization: Organization, cluster_id: str) -> Cluster:
    """The one that a body names, or the first on offer. Raises InvalidInput."""
    offered = deployments.clusters(organization).order_by("created_at", "pk")
    found = (offered.filter(pk=cluster_id) if cluster_id else offered).first()
    if found is None:
        raise InvalidInput(
            "There is no such cluster.",
            remedy="Leave it out for the standard cluster.",
            fields={"clusterId": "There is no such cluster"},
        )
    return found


def require_home(of: Deployment, workspace_id: str) -> None:
    """Raise InvalidInput unless a Deployment lies in this Workspace."""
    if of.workspace_id != workspace_id:
        raise InvalidInput(
            "A Deployment cannot be moved to another Workspace.",
            remedy="Send the id of the Workspace that it lies in.",
            fields={"workspaceId": "Not its Workspace"},
        )


def deployment(actor: Actor, organization_id: str, deployment_id: str) -> Deployment:
    found = deployments.deployment(actor, deployment_id)
    _require_in(organization_id, found.organization_id, "deployment")
    return found


def deployment_to_change(actor: Actor, organization_id: str, deployment_id: str) -> Deployment:
    found = deployments.deployment_to_change(actor, deployment_id)
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
