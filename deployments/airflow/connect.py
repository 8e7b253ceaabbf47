"""From a Deployment to its Airflow, with the identity that Airflow believes."""

from __future__ import annotations

from access.actor import Actor
from deployments import identity
from deployments.airflow.client import Airflow
from deployments.airflow.errors import AirflowClosed
from deployments.lifecycle import Status
from deployments.models import Deployment
from deployments.provisioners.listeners import is_genuine
from runtime import catalogue


def for_console(deployment: Deployment) -> Airflow:
    """To look with: the caller has asked for the right. Raises AirflowClosed."""
    _require_open(deployment)
    return _client(deployment, identity.console_identity(deployment))


def for_actor(deployment: Deployment, actor: Actor) -> Airflow:
    """To act with: Airflow too knows who it was, and holds to their rights.

    Raises AirflowClosed.
    """
    _require_open(deployment)
    token = identity.sign(
        deployment,
        sub=actor.principal.id,
        email=actor.principal.label,
        name=actor.principal.label,
        role=identity.airflow_role(actor, deployment) or identity.CUSTOM,
        permissions=identity.airflow_permissions(actor, deployment),
    )
    return _client(deployment, token)


def _client(deployment: Deployment, token: str) -> Airflow:
    release = catalogue.get(deployment.runtime_version)
    return Airflow(deployment.endpoint, major=release.airflow_major, token=token)


def _require_open(deployment: Deployment) -> None:
    if not deployment.is_awake or deployment.status == Status.HIBERNATING:
        raise AirflowClosed("This Airflow is asleep.", remedy="Wake the Deployment first.")
    if not deployment.endpoint:
        raise AirflowClosed("This Airflow is not up yet.", remedy="Wait until it is healthy.")
    if not is_genuine(deployment.endpoint, deployment.endpoint_uid):
        raise AirflowClosed(
            "Its web server does not listen now.", remedy="Wait until it is healthy again."
        )
