from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.v1.subjects import principal
from deployments.models import Deploy
from runtime import catalogue


class DeployJson(serializers.Serializer[Deploy]):
    """`dagsUploadUrl` comes only with the answer to create: the address is the right to upload."""

    id = serializers.CharField()
    deploymentId = serializers.CharField(source="deployment_id")
    type = serializers.CharField(source="kind")
    status = serializers.CharField()
    description = serializers.CharField()
    git = serializers.SerializerMethodField()
    runtimeVersion = serializers.CharField(source="runtime_version")
    astroRuntimeVersion = serializers.CharField(source="runtime_version")
    airflowVersion = serializers.SerializerMethodField()
    dagTarballVersion = serializers.CharField(source="upload_version")
    imageRepository = serializers.ReadOnlyField(default="")
    imageTag = serializers.SerializerMethodField()
    isDagDeployEnabled = serializers.ReadOnlyField(default=True)
    rollbackFromId = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.SerializerMethodField()
    createdBySubject = serializers.SerializerMethodField()

    def to_representation(self, instance: Deploy) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if upload_url := self.context.get("upload_url"):
            shown["dagsUploadUrl"] = upload_url
        return {name: value for name, value in shown.items() if value is not None}

    def get_git(self, deploy: Deploy) -> dict[str, Any] | None:
        return deploy.git or None

    def get_imageTag(self, deploy: Deploy) -> str:
        return f"deploy-{deploy.created_at:%Y-%m-%dT%H-%M-%S}"

    def get_airflowVersion(self, deploy: Deploy) -> str:
        try:
            return catalogue.get(deploy.runtime_version).airflow_version
        except catalogue.UnknownRuntimeError:
            return ""

    def get_rollbackFromId(self, deploy: Deploy) -> str | None:
        return deploy.rollback_from_id

    def get_updatedAt(self, deploy: Deploy) -> Any:
        at = deploy.active_at or deploy.finalized_at or deploy.created_at
        return serializers.DateTimeField().to_representation(at)

    def get_createdBySubject(self, deploy: Deploy) -> dict[str, Any]:
        return principal(deploy.created_by_kind, deploy.created_by_id, deploy.created_by_label)


class GitRequest(serializers.Serializer[Any]):
    provider = serializers.ChoiceField(choices=["GENERIC", "GITHUB"])
    commitSha = serializers.CharField(max_length=100)
    account = serializers.CharField(max_length=200, required=False, allow_blank=True)
    authorName = serializers.CharField(max_length=200, required=False, allow_blank=True)
    authorUrl = serializers.CharField(max_length=500, required=False, allow_blank=True)
    authorUsername = serializers.CharField(max_length=200, required=False, allow_blank=True)
    beforeCommitSha = serializers.CharField(max_length=100, required=False, allow_blank=True)
    branch = serializers.CharField(max_length=200, required=False, allow_blank=True)
    commitUrl = serializers.CharField(max_length=500, required=False, allow_blank=True)
    path = serializers.CharField(max_length=500, required=False, allow_blank=True)
    remoteUrl = serializers.CharField(max_length=500, required=False, allow_blank=True)
    repo = serializers.CharField(max_length=200, required=False, allow_blank=True)


class DescriptionRequest(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=500, allow_blank=True, default="")


class CreateDeployRequest(DescriptionRequest):
    type = serializers.ChoiceField(choices=Deploy.Kind.values)
    git = GitRequest(required=False, allow_null=True)


class FinalizeDeployRequest(serializers.Serializer[Any]):
    dagTarballVersion = serializers.CharField(max_length=64)
