from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.v1.wire.base import Query, Shown
from api.v1.wire.fields import Choice, QueryNumber, Text

MOST_LINES = 10_000
_A_DAY = 24 * 3600
SOURCES = ("apiserver", "dag-processor", "scheduler", "triggerer", "webserver", "worker")


class DeploymentLogEntry(Shown[Any]):
    """`timestamp` counts milliseconds since 1970; 0 for a line without a time."""

    raw = serializers.CharField()
    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]
    timestamp = serializers.FloatField()


class DeploymentLog(Shown[Any]):
    limit = serializers.IntegerField()
    maxNumResults = serializers.IntegerField()
    offset = serializers.IntegerField()
    resultCount = serializers.IntegerField()
    results = DeploymentLogEntry(many=True)
    searchId = serializers.CharField()


class DeploymentLogQuery(Query):
    """The newest lines first come last. `range` counts seconds back, where no dates are given."""

    sources = serializers.ListField(child=Choice(SOURCES), min_length=1)
    limit = QueryNumber(highest=MOST_LINES, default=500)
    offset = QueryNumber(highest=MOST_LINES, default=0)
    maxNumResults = QueryNumber(highest=MOST_LINES, lowest=1, default=MOST_LINES)
    range = QueryNumber(highest=7 * _A_DAY, lowest=1, default=_A_DAY)
    searchId = Text(max_length=100, required=False, allow_blank=True)
    searchText = Text(max_length=200, required=False, allow_blank=True, default="")
    startDate = serializers.DateTimeField(required=False)
    endDate = serializers.DateTimeField(required=False)
