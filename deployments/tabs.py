"""The tabs of a Deployment's page: one line for each."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from access.actor import Actor
from access.permissions import Permission
from deployments.models import Deployment
from web.navigation import Entry


@dataclass(frozen=True)
class Tab:
    label: str
    route: str
    """A route of this room that takes the Deployment's id."""
    permission: Permission = Permission.DEPLOYMENT_GET
    """Who lacks it does not see the tab."""


TABS = (
    Tab("Overview", "detail"),
    Tab("DAGs", "dags", Permission.DEPLOYMENT_AIRFLOW_DAG_GET),
    Tab("Deploys", "deploys", Permission.DEPLOYMENT_DEPLOYS_GET),
    Tab("Environment", "environment", Permission.DEPLOYMENT_ENV_OBJECTS_GET),
    Tab("Logs", "logs", Permission.DEPLOYMENT_LOGS_GET),
    Tab("Settings", "settings"),
    Tab("Access", "access", Permission.DEPLOYMENT_USERS_GET),
    Tab("Rights", "rights"),
)


def tabs(deployment: Deployment, actor: Actor, *, current: str) -> tuple[Entry, ...]:
    """The tabs that `actor` may open; `current` is the route of the open one."""
    allowed = actor.permissions_on(deployment)
    return tuple(
        Entry(
            tab.label,
            reverse(f"deployments:{tab.route}", args=[deployment.pk]),
            is_current=tab.route == current,
        )
        for tab in TABS
        if tab.permission in allowed
    )
