from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from deployments.lifecycle import Trigger
from deployments.models import Deployment, Operation
from deployments.services import wishes
from deployments.services.create import check_settings, save
from web.errors import Conflict, InvalidInput

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
def update(
    deployment: Deployment, *, wanted: DeploymentChange, loaded: str = "", actor: Actor
) -> Deployment:
    """Change the settings; restarts Airflow only when one of RESTARTS_FOR changes.

    `loaded` is the fingerprint of the settings that the asker saw: raises Conflict when somebody
    changed them since, for a taken name, and in a status that allows no change. Raises
    InvalidInput for impossible values and when development mode is to be turned on afterwards.
    """
    if loaded and loaded != fingerprint(deployment):
        raise StaleForm()
    _check(deployment, wanted)
    restarts = bool(RESTARTS_FOR & set(changes(deployment, wanted)))
    for name in DeploymentChange.__dataclass_fields__:
        value = getattr(wanted, name)
        setattr(deployment, name, list(value) if isinstance(value, tuple) else value)
    save(deployment)
    if restarts:
        wishes.change(deployment, Trigger.CHANGE, kind=Operation.Kind.UPDATE, actor=actor)
    return deployment


class StaleForm(Conflict):
    """The settings are no longer those that the asker saw."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody changed these settings while you edited them.",
            remedy="Your input is kept. Compare it with the present values, then save again.",
        )


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
