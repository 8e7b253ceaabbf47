"""The upload address: outside `/v1`, without a bearer; the address itself is the right.

Speaks the part of Azure's block-blob protocol that the astro CLI uses: one PUT, or blocks and
then their list. Each answers 201; the one that completes the body names it in `x-ms-version-id`.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import cast
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from accounts.middleware import origin
from api.errors import body, words
from deployments.archives import MAXIMUM_UPLOAD_BYTES
from deployments.models import Deploy
from deployments.services import deploys
from deployments.uploads import Source, too_large
from web.errors import DomainError, InvalidInput

_LONGEST_LIST = 8 * 1024**2
_LONGEST_BLOCK_ID = 200


@csrf_exempt
def upload(request: HttpRequest, deploy_id: str) -> HttpResponse:
    """Take a body, a block or a block list. Errors are JSON, like those of `/v1`."""
    request_id = str(getattr(request, "request_id", ""))
    try:
        version = _take(request, deploy_id)
    except DomainError as error:
        answer = body(words(error), error.status, request_id)
        return JsonResponse(answer, status=error.status)
    response = HttpResponse(status=HTTPStatus.CREATED)
    response["x-ms-request-id"] = request_id
    response["x-ms-version"] = "2021-12-02"
    response["Last-Modified"] = http_date()
    if version:
        response["x-ms-version-id"] = version
        response["ETag"] = f'"{version}"'
    return response


def _take(request: HttpRequest, deploy_id: str) -> str:
    if request.method != "PUT":
        raise MethodNotAllowed("Only PUT works here.", remedy="Send the archive as the body.")
    where = origin(request, door="api")
    deploy = deploys.check_capability(deploy_id, request.GET.get("sig", ""), where)
    if int(request.headers.get("Content-Length") or 0) > MAXIMUM_UPLOAD_BYTES:
        raise too_large()
    match request.GET.get("comp", ""):
        case "":
            return deploys.receive(deploy, _stream(request))
        case "block":
            return _take_block(request, deploy)
        case "blocklist":
            return deploys.receive_block_list(deploy, _block_ids(request))
        case _:
            raise InvalidInput("comp must be block or blocklist.", remedy="Leave it out.")


def _take_block(request: HttpRequest, deploy: Deploy) -> str:
    block_id = request.GET.get("blockid", "")
    if not 0 < len(block_id) <= _LONGEST_BLOCK_ID:
        raise InvalidInput("blockid must have 1 to 200 characters.", remedy="Name each block.")
    deploys.receive_block(deploy, block_id, _stream(request))
    return ""


def _block_ids(request: HttpRequest) -> list[str]:
    """The ids in the order of the list. A document type is refused: entities could explode."""
    text = _stream(request).read(_LONGEST_LIST + 1)
    if len(text) > _LONGEST_LIST or re.search(rb"<!", text):
        raise InvalidInput("The block list is not a plain list.", remedy="Send <BlockList>.")
    try:
        found = ElementTree.fromstring(text)  # noqa: S314 - no document type, so no entities
    except ElementTree.ParseError:
        raise InvalidInput("The block list is not XML.", remedy="Send <BlockList>.") from None
    return [element.text or "" for element in found]


def _stream(request: HttpRequest) -> Source:
    return _Announced(cast("Source", request), int(request.headers.get("Content-Length") or 0))


class _Announced:
    """A body that must be as long as it was announced: a proxy may end one in the middle."""

    def __init__(self, source: Source, announced: int) -> None:
        self._source = source
        self._missing = announced

    def read(self, size: int, /) -> bytes:
        chunk = self._source.read(size)
        self._missing -= len(chunk)
        if not chunk and self._missing > 0:
            raise InvalidInput("The upload was cut off in the middle.", remedy="Send it again.")
        return chunk


class MethodNotAllowed(DomainError):
    status = 405
    title = "This address does not work that way"
