"""Which buttons a Deployment's page shows, and why one cannot be pressed now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from access.actor import Actor
from access.permissions import Permission
from access.policy import who_can_grant
from access.roles import Role, roles_with
from access.scopes import Scoped
from deployments.lifecycle import Status, Trigger
from deployments.models import Deployment, Wish
from deployments.services.power import RETRIES


@dataclass(frozen=True)
class Offer:
    """One gesture: its words, its address, and the reason of a refusal (empty: go ahead)."""

    label: str
    icon: str
    url: str
    refusal: str

    @property
    def is_refused(self) -> bool:
        return bool(self.refusal)


@dataclass(frozen=True)
class _Gesture:
    label: str
    icon: str
    route: str
    permission: Permission
    hindrance: Callable[[Deployment], str]
    """Why the Deployment's state does not allow it, or an empty text."""


def _unless(trigger: Trigger, reason: str) -> Callable[[Deployment], str]:
    return lambda deployment: "" if trigger in deployment.possible else reason


def _cannot_hibernate(deployment: Deployment) -> str:
    if Trigger.HIBERNATE in deployment.possible:
        return ""
    return "It sleeps already." if deployment.is_asleep else _BUSY


def _cannot_open(deployment: Deployment) -> str:
    if deployment.status == Status.HIBERNATING:
        return "It sleeps. Wake it first."
    if deployment.status == Status.DELETING:
        return "It is being deleted."
    return "" if deployment.endpoint else "Airflow is not up yet."


def _cannot_retry(deployment: Deployment) -> str:
    is_possible = RETRIES[Wish(deployment.wish)] in deployment.possible
    return "" if is_possible and not deployment.is_asleep else "There is nothing to retry."


def _cannot_change(deployment: Deployment) -> str:
    if deployment.takes_changes:
        return ""
    is_failed = Trigger.CHANGE in deployment.possible
    return "The last operation failed. Retry it first." if is_failed else _BUSY


_BUSY = "Wait until the running operation ends."
_GESTURES: Mapping[str, _Gesture] = {
    "open": _Gesture(
        "Open Airflow",
        "external-link",
        "open",
        Permission.DEPLOYMENT_AIRFLOW_WEBSITE_GET,
        _cannot_open,
    ),
    "wake": _Gesture(
        "Wake",
        "sun",
        "wake",
        Permission.DEPLOYMENT_UPDATE,
        _unless(Trigger.WAKE, "It does not sleep."),
    ),
    "hibernate": _Gesture(
        "Hibernate",
        "moon",
        "hibernate",
        Permission.DEPLOYMENT_UPDATE,
        _cannot_hibernate,
    ),
    "retry": _Gesture(
        "Retry", "refresh", "retry", Permission.DEPLOYMENT_UPDATE, _cannot_retry
    ),
    "edit": _Gesture(
        "Edit settings",
        "pencil",
        "settings",
        Permission.DEPLOYMENT_UPDATE,
        _cannot_change,
    ),
    "delete": _Gesture(
        "Delete",
        "trash",
        "delete",
        Permission.DEPLOYMENT_DELETE,
        _unless(Trigger.DELETE, "It is being deleted."),
    ),
}  # fmt: skip


def offers(
    deployment: Deployment, actor: Actor, *, is_one_of_many: bool = False
) -> dict[str, Offer]:
    """Every gesture with its refusal: the role first, then the state. No button contradicts
    the server. Of one of many nobody is named who could grant a role, which would be a question
    for each."""
    allowed = actor.permissions_on(deployment)

    def missing(permission: Permission) -> str:
        if is_one_of_many:
            return needed_role(permission, allowed)
        return missing_role(permission, actor, deployment)

    return {
        name: Offer(
            gesture.label,
            gesture.icon,
            reverse(f"deployments:{gesture.route}", args=[deployment.pk]),
            missing(gesture.permission) or gesture.hindrance(deployment),
        )
        for name, gesture in _GESTURES.items()
    }


def missing_role(permission: Permission, actor: Actor, subject: Scoped) -> str:
    """Which role somebody needs who lacks a right, and who can grant it, by name."""
    if actor.can(permission, subject):
        return ""
    somebody = who_can_grant(actor, subject) or _ITS_OWNER
    return f"Needs {_wanted(permission)}. {somebody}"


def needed_role(permission: Permission, allowed: frozenset[Permission]) -> str:
    """The same of one of many: nobody is asked for."""
    if permission in allowed:
        return ""
    return f"Needs {_wanted(permission)}. {_ITS_OWNER}"


def _wanted(permission: Permission) -> str:
    wanted = next(role for role in roles_with(permission) if role not in _UNUSUAL)
    return wanted.value.replace("_", " ").title()


_ITS_OWNER = "An Owner of the Workspace can grant it."
_UNUSUAL = frozenset({Role.DEPLOYMENT_ADMIN, Role.DEPLOYMENT_ACCESSOR})
"""Roles that nobody gives first."""
