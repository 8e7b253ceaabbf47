from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from access.ids import cuid
from api.v1 import lookups
from api.v1.deployments import TAG
from api.v1.described import operation
from api.v1.views import Resource
from api.v1.wire.logs import DeploymentLog, DeploymentLogQuery
from deployments import component_logs
from deployments.provisioners.base import LogLine, LogQuery

_OURS = {"apiserver": "api-server"}
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}


class Logs(Resource):
    @operation(
        "GetDeploymentLogs",
        "Read what the components of a Deployment print, oldest line first",
        query=DeploymentLogQuery,
        reply=DeploymentLog,
        tag=TAG,
    )
    def get(self, request: Request, **ids: str) -> Response:
        found = lookups.deployment(self.actor, **ids)
        asked = self.asked(DeploymentLogQuery)
        lines = component_logs.read(self.actor, found, _query(asked))
        page = lines[asked["offset"] : asked["offset"] + asked["limit"]]
        answer = {
            "limit": asked["limit"],
            "offset": asked["offset"],
            "maxNumResults": asked["maxNumResults"],
            "resultCount": len(lines),
            "results": [_entry(line) for line in page],
            "searchId": asked.get("searchId") or cuid(),
        }
        return Response(DeploymentLog(answer).data)


def _query(asked: Mapping[str, Any]) -> LogQuery:
    until = asked.get("endDate")
    since = (until or timezone.now()) - timedelta(seconds=asked["range"])
    return LogQuery(
        components=tuple(_OURS.get(source, source) for source in asked["sources"]),
        search=asked["searchText"].rstrip("*"),
        since=asked.get("startDate") or since,
        until=until,
        limit=asked["maxNumResults"],
    )


def _entry(line: LogLine) -> dict[str, Any]:
    return {
        "raw": line.text,
        "source": _THEIRS.get(line.component, line.component),
        "timestamp": line.at.timestamp() * 1000 if line.at else 0,
    }
