"""A deploy begins: it gets its number and the secret that lets somebody upload to it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.scopes import PrincipalKind
from deployments.lifecycle import Trigger
from deployments.models import Deploy, Deployment
from web.errors import Conflict, DomainError, InvalidInput


class CiCdEnforced(DomainError):
    """Only programs with an API token may deploy here."""

    status = 403
    title = "This Deployment takes deploys from CI/CD only"


@action(Permission.DEPLOYMENT_DEPLOYS_CREATE, creates=True)
def begin(
    deployment: Deployment,
    *,
    kind: str = Deploy.Kind.DAG_ONLY,
    description: str = "",
    git: Mapping[str, Any] | None = None,
    actor: Actor,
) -> Deploy:
    """Open the next deploy; `upload_secret` on the answer is never seen again.

    Raises Conflict while the Deployment is created or deleted, CiCdEnforced for a person where
    only API tokens may deploy, InvalidInput for a kind that needs an image.
    """
    if actor.principal.kind is PrincipalKind.USER and deployment.enforces_ci_cd:
        raise CiCdEnforced(
            "CI/CD enforcement is on: only deploys made with an API token are accepted.",
            remedy="Deploy from your pipeline, or have an Operator turn the enforcement off.",
        )
    if kind != Deploy.Kind.DAG_ONLY:
        raise InvalidInput(
            f"A deploy of type {kind} needs an image, which this cluster does not build.",
            remedy="Use the type DAG_ONLY; with the astro CLI: `astro deploy --dags`.",
            fields={"type": "DAG_ONLY is the type that this cluster takes"},
        )
    row = lock(deployment)
    deploy = new(row, kind=kind, description=description, actor=actor)
    deploy.git = dict(git or {})
    deploy.upload_secret = secrets.token_urlsafe(32)
    deploy.upload_secret_hash = secret_hash(deploy.upload_secret)
    deploy.save(force_insert=True)
    return deploy


@action(Permission.DEPLOYMENT_DEPLOYS_CREATE)
def describe(deploy: Deploy, *, description: str, actor: Actor) -> Deploy:
    """Change the one thing of a deploy that may change."""
    deploy.description = description
    deploy.save(update_fields=["description"])
    return deploy


def lock(deployment: Deployment) -> Deployment:
    """The row, held until the end of the transaction. Raises Conflict when it takes no deploy."""
    row = Deployment.objects.select_for_update(no_key=True).get(pk=deployment.pk)
    check_open(row)
    return row


def check_open(row: Deployment) -> None:
    """Raise Conflict when a Deployment takes no deploy in its present status."""
    if Trigger.CHANGE not in row.possible:
        raise Conflict(
            f"This Deployment is {row.get_status_display().lower()}, so it takes no deploy now.",
            remedy="Wait until it is healthy, then deploy again.",
        )


def new(deployment: Deployment, *, kind: str, description: str, actor: Actor) -> Deploy:
    """The next deploy of a locked Deployment, unsaved: numbers follow each other without gaps."""
    highest = deployment.deploys.aggregate(highest=Max("number"))["highest"] or 0
    return Deploy(
        deployment=deployment,
        number=highest + 1,
        kind=kind,
        description=description,
        runtime_version=deployment.runtime_version,
        created_by_kind=actor.principal.kind,
        created_by_id=actor.principal.id,
        created_by_label=actor.principal.label,
    )


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
