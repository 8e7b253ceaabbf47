"""The files of a deploy: one file's text difference, and all of them to download."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile

from django.http import FileResponse, HttpResponse

from deployments import archives, queries
from deployments.comparison import compare, text_difference
from deployments.views.deploys.detail import folder_of
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import NotFound

_IN_MEMORY_BYTES = 8 * 1024**2


def difference(request: PageRequest, deployment_id: str, deploy_id: str) -> HttpResponse:
    """What changed in one file (`?path=`) since the deploy before."""
    deployment = queries.deployment(request.actor, deployment_id)
    deploy = queries.deploy(request.actor, deployment, deploy_id)
    before = queries.deploy_before(deploy)
    name = request.GET.get("path", "")
    found = compare(folder_of(before), folder_of(deploy))
    if name not in {*found.added, *found.changed, *found.removed}:
        raise NotFound(
            "This file did not change in this deploy.", remedy="Choose one from its list."
        )
    context = {
        **enter(request, deployment, tab="deploys"),
        "deploy": deploy,
        "before": before,
        "name": name,
        "lines": text_difference(folder_of(before), folder_of(deploy), name),
    }
    return render.page(request, "deployments/deploys/difference.html", context, regions={"lines"})


def download(request: PageRequest, deployment_id: str, deploy_id: str) -> FileResponse:
    """Exactly these files again, as one archive."""
    deployment = queries.deployment(request.actor, deployment_id)
    deploy = queries.deploy(request.actor, deployment, deploy_id)
    folder = folder_of(deploy)
    if folder is None or not folder.is_dir():
        raise NotFound("This deploy has no files.", remedy="Choose one that was deployed.")
    packed = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the answer closes it
    archives.pack_folder(folder, packed)
    packed.seek(0)
    name = f"{deployment.namespace}-deploy-{deploy.number}.tar.gz"
    return FileResponse(packed, as_attachment=True, filename=name)


urlpatterns = [
    page(
        "deployments/<str:deployment_id>/deploys/<str:deploy_id>/diff/", difference, "deploy_diff"
    ),
    page(
        "deployments/<str:deployment_id>/deploys/<str:deploy_id>/download/",
        download,
        "deploy_download",
    ),
]
