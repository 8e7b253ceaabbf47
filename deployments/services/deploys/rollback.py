"""Back to an earlier version, as a deploy of its own."""

from __future__ import annotations

from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from deployments.models import Deploy, Operation
from deployments.services.deploys.begin import lock, new
from deployments.services.deploys.finalize import serve
from deployments.spec import deploy_folder
from web.errors import Conflict


@action(Permission.DEPLOYMENT_DEPLOYS_UPDATE, creates=True)
def roll_back(deploy: Deploy, *, description: str = "", actor: Actor) -> Deploy:
    """Make a new deploy with the content of `deploy`, and wish for it.

    CI/CD enforcement does not forbid it: the content came through the pipeline once. Settings
    and variables stay. Raises Conflict when `deploy` never succeeded, is what is served already,
    or its files are gone.
    """
    row = lock(deploy.deployment)
    if deploy.status != Deploy.Status.DEPLOYED:
        raise Conflict(
            f"Deploy #{deploy.number} never succeeded, so there is nothing to go back to.",
            remedy="Choose a deploy that was deployed.",
        )
    if row.current_deploy and row.current_deploy.content_version == deploy.content_version:
        raise Conflict(
            f"What deploy #{deploy.number} brought is what is deployed now.",
            remedy="Choose another deploy.",
        )
    if not deploy_folder(row.pk, deploy.content_version).is_dir():
        raise Conflict(
            f"The files of deploy #{deploy.number} are gone from this console's disk.",
            remedy="Deploy that version of the project again.",
        )
    made = new(row, kind=deploy.kind, description=description, actor=actor)
    made.rollback_from = deploy
    made.git, made.content_version = deploy.git, deploy.content_version
    made.upload_version, made.sha256 = deploy.upload_version, deploy.sha256
    made.size_bytes, made.file_count = deploy.size_bytes, deploy.file_count
    made.finalized_at = timezone.now()
    serve(made, kind=Operation.Kind.ROLL_BACK, actor=actor)
    return made
