"""From the fields of a request to the wishes that the services know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Organization
from api.v1 import lookups
from deployments import queries
from deployments.models import Deployment
from deployments.services.create import NewDeployment
from deployments.services.update import DeploymentChange, current
from deployments.services.variables import Variable

_SETTINGS = {
    "name": "name",
    "description": "description",
    "executor": "executor",
    "schedulerSize": "scheduler_size",
    "isDevelopmentMode": "is_development_mode",
    "isCicdEnforced": "enforces_ci_cd",
    "contactEmails": "contact_emails",
}


def new(organization: Organization, given: Mapping[str, Any]) -> NewDeployment:
    """The wish for a new Deployment. Raises InvalidInput for a cluster that is not on offer."""
    return NewDeployment(
        **_settings(given),
        runtime_version=given.get("astroRuntimeVersion") or queries.default_runtime(organization),
        cluster=lookups.cluster(organization, given.get("clusterId", "")),
        variables=variables(given),
    )


def changed(deployment: Deployment, given: Mapping[str, Any]) -> DeploymentChange:
    """The settings as they shall be; what the request leaves out stays."""
    names = DeploymentChange.__dataclass_fields__
    now = current(deployment)
    return DeploymentChange(**{name: getattr(now, name) for name in names} | _settings(given))


def variables(given: Mapping[str, Any]) -> tuple[Variable, ...]:
    """Clients read secrets as empty texts and send them back so: that keeps what is stored."""
    return tuple(
        Variable(
            row["key"],
            None if row["isSecret"] and not row.get("value") else row.get("value"),
            is_secret=row["isSecret"],
        )
        for row in given.get("environmentVariables", ())
    )


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    values = {ours: given[name] for name, ours in _SETTINGS.items() if name in given}
    if "contact_emails" in values:
        values["contact_emails"] = tuple(values["contact_emails"])
    return values
