"""Whom an Airflow believes: identity tokens that only the console can sign.

Each one is for a single Deployment and lives at most a minute; the door attaches a fresh one to
every request, so a change of rights needs no word from Airflow.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from access.actor import Actor
from access.permissions import Permission
from access.roles import Role
from deployments.models import Deployment

LONGEST_LIFE = timedelta(seconds=60)
"""Airflow refuses what lives longer."""

_PREFIX = "deployment.airflow."
CUSTOM = "Custom"
"""Instead of an Airflow role: only the permissions that the token lists."""
_WEAKEST_FIRST = ("Viewer", "User", "Op", "Admin")

AIRFLOW_ROLE: dict[Role, str] = {
    Role.WORKSPACE_MEMBER: "Viewer",
    Role.WORKSPACE_AUTHOR: "User",
    Role.WORKSPACE_OPERATOR: "Op",
    Role.DEPLOYMENT_ADMIN: "Op",
    Role.WORKSPACE_OWNER: "Admin",
    Role.ORGANIZATION_OWNER: "Admin",
}
"""Console role → Airflow role, as published; a role that is not here opens no Airflow."""


def airflow_role(actor: Actor, deployment: Deployment) -> str | None:
    """The strongest Airflow role that the actor's roles give it; None: no access.

    `Custom` where only roles of the Organization open this Airflow. What they allow is in
    `airflow_permissions`, in either case.
    """
    if actor.is_system:
        return "Admin"
    if not actor.can(Permission.DEPLOYMENT_AIRFLOW_WEBSITE_GET, deployment):
        return None
    held = (role for scope in deployment.access_scopes() for role in actor.roles.get(scope, ()))
    names = [AIRFLOW_ROLE[role] for role in held if isinstance(role, Role) and role in AIRFLOW_ROLE]
    return max(names, key=_WEAKEST_FIRST.index, default=CUSTOM)


def airflow_permissions(actor: Actor, deployment: Deployment) -> list[str]:
    """The actor's rights inside Airflow by their published ids, without the common prefix."""
    held = actor.permissions_on(deployment)
    return sorted(right.removeprefix(_PREFIX) for right in held if right.startswith(_PREFIX))


def sign(
    deployment: Deployment,
    *,
    sub: str,
    email: str,
    name: str,
    role: str,
    permissions: Iterable[str],
    lifetime: timedelta = LONGEST_LIFE,
) -> str:
    """A token that the Airflow of this one Deployment accepts for at most a minute.

    Raises ValueError for a longer life.
    """
    if lifetime > LONGEST_LIFE:
        raise ValueError("an identity token lives at most 60 s")
    now = int(time.time())
    claims = {
        "iss": settings.BASE_URL,
        "aud": deployment.pk,
        "sub": sub,
        "email": email,
        "name": name,
        "role": role,
        "permissions": list(permissions),
        "iat": now,
        "exp": now + int(lifetime.total_seconds()),
    }
    return jwt.encode(claims, _private_key(settings.IDENTITY_PRIVATE_KEY), algorithm="EdDSA")


def console_identity(deployment: Deployment) -> str:
    """For the console's own calls to this Airflow's REST API: everything, as `console`."""
    return sign(
        deployment,
        sub="console",
        email="",
        name="Astro UI",
        role="Admin",
        permissions=sorted(
            right.removeprefix(_PREFIX) for right in Permission if right.startswith(_PREFIX)
        ),
    )


@cache
def _private_key(pem: str) -> Ed25519PrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("IDENTITY_PRIVATE_KEY must be an Ed25519 key")
    return key
