from __future__ import annotations

from datetime import timedelta

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from accounts import audit_copies
from api.v1 import lookups
from api.v1.described import operation
from api.v1.views import Resource
from api.v1.wire.audit_logs import AuditLogsQuery
from audit.export import CONTENT_TYPE, lines

_USUAL = timedelta(days=90)


class AuditLogs(Resource):
    @operation(
        "GetOrganizationAuditLogs",
        "Take the audit log of an Organization away, one JSON object a line, oldest first",
        query=AuditLogsQuery,
        reply=OpenApiTypes.BINARY,
        content_type=CONTENT_TYPE,
        tag="Organization",
    )
    def get(self, request: Request, organization_id: str) -> StreamingHttpResponse:
        organization = lookups.organization(self.actor, organization_id)
        asked = self.asked(AuditLogsQuery)
        end = asked.get("endDate") or timezone.now()
        start = asked.get("startDate") or end - _USUAL
        rows = audit_copies.within(organization, start, end, actor=self.actor)
        answer = StreamingHttpResponse(lines(rows), content_type=CONTENT_TYPE)
        answer["Cache-Control"] = "no-store"
        return answer
