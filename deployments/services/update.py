from __future__ import annotations

from dataclasses import dataclass

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from deployments.lifecycle import Trigger
from deployments.models import Deployment, Operation
from deployments.services import wishes
from deployments.services.create import save
from web.errors import InvalidInput

RESTARTS_FOR = frozenset({"executor", "scheduler_size"})
"""Fields whose change restarts Airflow's components; the form says so."""


@dataclass(frozen=True)
class DeploymentChange:
    """The settings that may be changed after creation, all of them with their new value."""

    name: str
    description: str
    executor: str
    scheduler_size: str
    is_development_mode: bool
    enforces_ci_cd: bool
    contact_emails: tuple[str, ...]


@action(Permission.DEPLOYMENT_UPDATE)
def update(deployment: Deployment, *, wanted: DeploymentChange, actor: Actor) -> Deployment:
    """Change the settings; restarts Airflow only when one of RESTARTS_FOR changes.

    Raises Conflict for a taken name or a status that allows no change, InvalidInput when
    development mode is to be turned on afterwards.
    """
    if wanted.is_development_mode and not deployment.is_development_mode:
        raise InvalidInput(
            "Development mode can only be chosen when a Deployment is created.",
            remedy="Create a new Deployment in development mode.",
            fields={"is_development_mode": "Only at creation"},
        )
    restarts = any(getattr(wanted, name) != getattr(deployment, name) for name in RESTARTS_FOR)
    for name in DeploymentChange.__dataclass_fields__:
        value = getattr(wanted, name)
        setattr(deployment, name, list(value) if isinstance(value, tuple) else value)
    save(deployment)
    if restarts:
        wishes.change(deployment, Trigger.CHANGE, kind=Operation.Kind.UPDATE, actor=actor)
    return deployment
