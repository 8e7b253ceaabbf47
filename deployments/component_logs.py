"""What the components of an Airflow print, for pages and programs."""

from __future__ import annotations

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from deployments import backends
from deployments.models import Deployment
from deployments.provisioners.base import LogLine, LogQuery, ProvisionerError
from web.errors import Unavailable


def read(actor: Actor, deployment: Deployment, query: LogQuery) -> list[LogLine]:
    """The newest lines that match, oldest first.

    Raises PermissionDenied, and Unavailable while the cluster cannot answer.
    """
    require(actor, Permission.DEPLOYMENT_LOGS_GET, deployment)
    try:
        return list(backends.provisioner(deployment.cluster).logs(deployment.backend_state, query))
    except ProvisionerError as error:
        raise Unavailable(error.cause, remedy=error.remedy or "Try again in a moment.") from error
