from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.v1.wire.base import Asked, NamedPage, Shown, page_of
from api.v1.wire.fields import Choice, Flag, Text, texts
from api.v1.wire.subjects import BasicSubjectProfile, person
from workspaces.models import Workspace

CLOUDS = ("AWS", "AZURE", "GCP")


class WorkspaceJson(Shown[Workspace]):
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

    @extend_schema_field(BasicSubjectProfile)
    def get_createdBy(self, workspace: Workspace) -> dict[str, Any]:
        return person(workspace.created_by)

    get_updatedBy = get_createdBy


WorkspacesPaginated = page_of("WorkspacesPaginated", "workspaces", WorkspaceJson)


class WorkspacesQuery(NamedPage):
    workspaceIds = texts()
    names = texts()


class CreateWorkspaceRequest(Asked):
    """The defaults of cloud, region and cluster are taken and not kept: there is no choice here."""

    name = Text(max_length=50)
    description = Text(max_length=1000, allow_blank=True, default="")
    cicdEnforcedDefault = Flag(default=False)
    defaultCloudProvider = Choice(CLOUDS, required=False)
    defaultRegion = Text(max_length=100, required=False, allow_blank=True)
    defaultClusterId = Text(max_length=25, required=False, allow_blank=True)


class UpdateWorkspaceRequest(CreateWorkspaceRequest):
    description = Text(max_length=1000, allow_blank=True)
    cicdEnforcedDefault = Flag()
