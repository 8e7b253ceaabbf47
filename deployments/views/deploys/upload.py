"""The drop zone's other end: an archive, one DAG file, or a folder as many files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from deployments import archives, queries, uploads
from deployments.services import deploys
from deployments.uploads import StagedFile, StagingHandler
from deployments.views.routes import PageRequest, page
from web.errors import InvalidInput

_LONGEST_DESCRIPTION = 500


@csrf_exempt  # only until the handler of the files is set: the inner view checks it
@require_POST
def upload(request: PageRequest, deployment_id: str) -> HttpResponse:
    with _staging() as folder:
        request.upload_handlers = [StagingHandler(folder)]
        return _upload(request, deployment_id, folder)


@csrf_protect
def _upload(request: PageRequest, deployment_id: str, folder: Path) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    deploy = deploys.hand_over(
        deployment,
        _archive(request, folder),
        description=request.POST.get("description", "")[:_LONGEST_DESCRIPTION],
        actor=request.actor,
    )
    url = reverse("deployments:deploy", args=[deployment.pk, deploy.pk])
    if request.headers.get("X-Upload") == "fetch":
        return JsonResponse({"url": url})
    return redirect(url)


def _archive(request: PageRequest, folder: Path) -> Path:
    """The one archive that was sent, or a tar of the files; their names are judged later."""
    archive = request.FILES.get("archive")
    if archive is not None and not (archive.name or "").endswith(".py"):
        return _path(archive)
    given = [archive] if archive is not None else request.FILES.getlist("files")
    names = [archive.name or ""] if archive is not None else request.POST.getlist("paths")
    if not given or len(given) != len(names):
        raise InvalidInput(
            "No file arrived.", remedy="Choose an archive or a folder with DAGs, then deploy."
        )
    packed = folder / "packed.tar"
    archives.pack(zip(names, map(_path, given), strict=True), packed)
    return packed


def _path(file: Any) -> Path:
    return cast("StagedFile", file).path


@contextmanager
def _staging() -> Iterator[Path]:
    uploads.root().mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="page-", dir=uploads.root()) as folder:
        yield Path(folder)


urlpatterns = [page("deployments/<str:deployment_id>/deploys/upload/", upload, "deploy_upload")]
