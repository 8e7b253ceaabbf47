from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from deployments.lifecycle import Trigger
from deployments.models import Deployment, Operation
from deployments.services import variables as environment
from deployments.services import wishes
from deployments.services.create import check_settings, save
from deployments.services.variables import Variable
from deployments.services.wishes import StaleForm
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


@action(Permission.DEPLOYMENT_UPDATE, also=environment.shown)
def update(
    deployment: Deployment,
    *,
    wanted: DeploymentChange,
    variables: Sequence[Variable] | None = None,
    loaded: str = "",
    actor: Actor,
) -> Deployment:
    """Change the settings, and where `variables` are given, make them the whole list of these.

    Restarts Airflow only when one of RESTARTS_FOR or the variables change. All of it or nothing.
    `loaded` is the fingerprint of the settings that the asker saw: raises Conflict when somebody
    changed them since, for a taken name, and in a status that allows no change. Raises
    InvalidInput for impossible values and when development mode is to be turned on afterwards.
    """
    if loaded and loaded != fingerprint(deployment):
        raise StaleForm()
    _check(deployment, wanted)
    restarts = bool(RESTARTS_FOR & set(changes(deployment, wanted)))
    if variables is not None:
        restarts = environment.store(deployment, variables) or restarts
    for name in DeploymentChange.__dataclass_fields__:
        value = getattr(wanted, name)
        setattr(deployment, name, list(value) if isinstance(value, tuple) else value)
    save(deployment)
    if restarts:
        wishes.change(deployment, Trigger.CHANGE, kind=Operation.Kind.UPDATE, actor=actor)
    return deployment


def fingerprint(deployment: Deployment) -> str:
    """What tells whether the settings are still those that somebody saw."""
    now = current(deployment)
    words = json.dumps([getattr(now, name) for name in DeploymentChange.__dataclass_fields__])
    return hashlib.sha256(words.encode()).hexdigest()


def current(deployment: Deployment) -> DeploymentChange:
    """The settings as they are: the wish that changes nothing."""
    return DeploymentChange(
        name=deployment.name,
        description=deployment.description,
        executor=deployment.executor,
        scheduler_size=deployment.scheduler_size,
        is_development_mode=deployment.is_development_mode,
        enforces_ci_cd=deployment.enforces_ci_cd,
        contact_emails=tuple(deployment.contact_emails),
    )


def changes(deployment: Deployment, wanted: DeploymentChange) -> list[str]:
    """The names of the settings that `wanted` changes."""
    now = current(deployment)
    names = DeploymentChange.__dataclass_fields__
    return [name for name in names if getattr(now, name) != getattr(wanted, name)]


def _check(deployment: Deployment, wanted: DeploymentChange) -> None:
    wishes.require_change_possible(deployment)
    check_settings(wanted)
    if wanted.is_development_mode and not deployment.is_development_mode:
        raise InvalidInput(
            "Development mode can only be chosen when a Deployment is created.",
            remedy="Create a new Deployment in development mode.",
            fields={"is_development_mode": "Only at creation"},
        )
