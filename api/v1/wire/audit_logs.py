from __future__ import annotations

from rest_framework import serializers

from api.v1.wire.base import Query


class AuditLogsQuery(Query):
    """Rows from `startDate` on and before `endDate`; left out, the 90 days up to now."""

    startDate = serializers.DateTimeField(required=False)
    endDate = serializers.DateTimeField(required=False)
