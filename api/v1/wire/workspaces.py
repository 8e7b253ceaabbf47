from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.v1.subjects import person
from workspaces.models import Workspace


class WorkspaceJson(serializers.Serializer[Workspace]):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    organizationId = serializers.CharField(source="organization_id")
    organizationName = serializers.CharField(source="organization.name")
    cicdEnforcedDefault = serializers.BooleanField(source="enforces_ci_cd")
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    createdBy = serializers.SerializerMethodField()
    updatedBy = serializers.SerializerMethodField()

    def get_createdBy(self, workspace: Workspace) -> dict[str, Any]:
        return person(workspace.created_by)

    get_updatedBy = get_createdBy
