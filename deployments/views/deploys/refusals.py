"""Why somebody cannot deploy here now, or an empty text."""

from __future__ import annotations

from access.actor import Actor
from access.permissions import Permission
from deployments.lifecycle import Trigger
from deployments.models import Deploy, Deployment
from deployments.views.offers import missing_role


def deploy_refusal(deployment: Deployment, actor: Actor) -> str:
    missing = missing_role(Permission.DEPLOYMENT_DEPLOYS_CREATE, actor, deployment)
    if missing:
        return missing
    if deployment.enforces_ci_cd:
        return "CI/CD enforcement is on: only API tokens deploy here."
    return _state(deployment)


def roll_back_refusal(deployment: Deployment, deploy: Deploy, actor: Actor) -> str:
    current = deployment.current_deploy
    if deploy.status != Deploy.Status.DEPLOYED:
        return "It never succeeded."
    if current is not None and current.content_version == deploy.content_version:
        return "This is what is deployed now."
    missing = missing_role(Permission.DEPLOYMENT_DEPLOYS_UPDATE, actor, deployment)
    return missing or _state(deployment)


def _state(deployment: Deployment) -> str:
    is_open = Trigger.CHANGE in deployment.possible
    return "" if is_open else f"It is {deployment.get_status_display().lower()}."
