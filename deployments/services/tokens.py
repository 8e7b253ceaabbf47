"""API tokens of one Deployment: what a CI/CD pipeline deploys with."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import DEPLOYMENT_ROLES, Role
from access.scopes import ScopeKind
from accounts.models import ApiToken
from accounts.services import tokens
from deployments.models import Deployment, DeploymentRoleBinding
from web.errors import InvalidInput, NotFound


@action(Permission.DEPLOYMENT_API_TOKENS_CREATE, creates=True)
def create(
    deployment: Deployment,
    *,
    name: str,
    description: str = "",
    lifetime: timedelta | None = None,
    role: str = Role.DEPLOYMENT_ADMIN,
    actor: Actor,
) -> ApiToken:
    """Make a token with one role on this Deployment; `value` on the answer is shown once.

    Raises InvalidInput for a lifetime outside 1 to 3650 days or a role of another scope.
    """
    tokens.check_role(role, DEPLOYMENT_ROLES)
    token = tokens.issue(
        deployment.organization,
        kind=ScopeKind.DEPLOYMENT,
        scope_id=deployment.pk,
        claims=_claims(deployment),
        name=name,
        description=description,
        lifetime=lifetime,
        actor=actor,
    )
    DeploymentRoleBinding.objects.create(deployment=deployment, api_token=token, role=role)
    return token


@action(Permission.DEPLOYMENT_API_TOKENS_UPDATE, creates=True)
def update(
    deployment: Deployment, *, token_id: str, name: str, description: str, actor: Actor
) -> ApiToken:
    """Change what people read of it. Raises NotFound for a token that is not this one's."""
    token = _locked(deployment, token_id)
    token.name, token.description = name, description
    token.save(update_fields=["name", "description", "updated_at"])
    return token


@action(Permission.DEPLOYMENT_API_TOKENS_ROTATE, creates=True)
def rotate(deployment: Deployment, *, token_id: str, actor: Actor) -> ApiToken:
    """Give it a new value, on the answer only; the old one is void at once."""
    return tokens.rotate(_locked(deployment, token_id), claims=_claims(deployment))


@action(Permission.DEPLOYMENT_API_TOKENS_DELETE, creates=True)
def delete(deployment: Deployment, *, token_id: str, typed_name: str, actor: Actor) -> ApiToken:
    """Make it void for good. Raises InvalidInput unless `typed_name` is its name."""
    token = _locked(deployment, token_id)
    if typed_name != token.name:
        raise InvalidInput(
            "The name you typed is not the name of this API token.",
            remedy=f"Type {token.name} exactly.",
            fields={"typed_name": f"Type {token.name}"},
        )
    DeploymentRoleBinding.objects.filter(api_token=token).delete()
    return tokens.revoke(token)


def _locked(deployment: Deployment, token_id: str) -> ApiToken:
    """The subject of the right is the Deployment: a token does not know its Workspace."""
    token = of(deployment).select_for_update(no_key=True, of=("self",)).filter(pk=token_id).first()
    if token is None:
        raise NotFound(
            "This API token does not exist, or was deleted.", remedy="Reload the list of tokens."
        )
    return token


def of(deployment: Deployment) -> QuerySet[ApiToken]:
    """The tokens of a Deployment that were not deleted, expired ones too."""
    return ApiToken.objects.filter(
        kind=ApiToken.Kind.DEPLOYMENT, scope_id=deployment.pk, revoked_at=None
    ).select_related("created_by")


def _claims(deployment: Deployment) -> tuple[str, ...]:
    """They only say where the token belongs; its rights are asked on every call."""
    return (
        f"deploymentId:{deployment.pk}",
        f"workspaceId:{deployment.workspace_id}",
        f"organizationId:{deployment.organization_id}",
    )
