"""The whole way in one call: for pages, where upload and finalize are one request."""

from __future__ import annotations

from pathlib import Path

from access.actor import Actor
from deployments.models import Deploy, Deployment
from deployments.services.deploys.begin import begin
from deployments.services.deploys.finalize import deliver
from deployments.services.deploys.receive import receive


def hand_over(
    deployment: Deployment, archive: Path, *, description: str = "", actor: Actor
) -> Deploy:
    """Begin, take the archive, finalize. Raises what these raise; a bad archive stays in the
    history as a failed deploy."""
    deploy = begin(deployment, description=description, actor=actor)
    with archive.open("rb") as stream:
        version = receive(deploy, stream)
    return deliver(deploy, version=version, actor=actor)
