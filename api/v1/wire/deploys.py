from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.v1.wire.base import Asked, Page, Shown, page_of
from api.v1.wire.fields import Absent, Choice, Text
from api.v1.wire.subjects import BasicSubjectProfile, principal
from deployments.models import Deploy
from runtime import catalogue

_NO_BUNDLES = "Bundles are not there yet: deploy DAGs with the type DAG_ONLY."


class DeployGit(Shown[Any]):
    """Only what the deploy was given."""

    optional = frozenset(
        {
            "account", "authorName", "authorUrl", "authorUsername", "beforeCommitSha", "branch",
            "commitUrl", "path", "remoteUrl", "repo",
        }
    )  # fmt: skip

    provider = serializers.ChoiceField(choices=["GENERIC", "GITHUB"])
    commitSha = serializers.CharField()
    account = serializers.CharField()
    authorName = serializers.CharField()
    authorUrl = serializers.CharField()
    authorUsername = serializers.CharField()
    beforeCommitSha = serializers.CharField()
    branch = serializers.CharField()
    commitUrl = serializers.CharField()
    path = serializers.CharField()
    remoteUrl = serializers.CharField()
    repo = serializers.CharField()


class DeployJson(Shown[Deploy]):
    """`dagsUploadUrl` comes only with the answer to create: the address is the right to upload.

    PUT the archive there as its body, without a bearer; the answer's header `x-ms-version-id` is
    what finalize needs.
    """

    optional = frozenset({"git", "rollbackFromId", "dagsUploadUrl"})

    id = serializers.CharField()
    deploymentId = serializers.CharField(source="deployment_id")
    type = serializers.ChoiceField(choices=Deploy.Kind.values, source="kind")
    status = serializers.ChoiceField(choices=Deploy.Status.values)
    description = serializers.CharField()
    git = serializers.SerializerMethodField()
    runtimeVersion = serializers.CharField(source="runtime_version")
    astroRuntimeVersion = serializers.CharField(source="runtime_version")
    airflowVersion = serializers.SerializerMethodField()
    dagTarballVersion = serializers.CharField(source="upload_version")
    dagsUploadUrl = serializers.SerializerMethodField()
    imageRepository = serializers.CharField(default="")
    imageTag = serializers.SerializerMethodField()
    isDagDeployEnabled = serializers.BooleanField(default=True)
    rollbackFromId = serializers.CharField(source="rollback_from_id")
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.SerializerMethodField()
    createdBySubject = serializers.SerializerMethodField()

    @extend_schema_field(DeployGit)
    def get_git(self, deploy: Deploy) -> dict[str, Any] | None:
        return deploy.git or None

    def get_dagsUploadUrl(self, deploy: Deploy) -> str | None:
        return self.context.get("upload_url")

    def get_imageTag(self, deploy: Deploy) -> str:
        return f"deploy-{deploy.created_at:%Y-%m-%dT%H-%M-%S}"

    def get_airflowVersion(self, deploy: Deploy) -> str:
        try:
            return catalogue.get(deploy.runtime_version).airflow_version
        except catalogue.UnknownRuntimeError:
            return ""

    @extend_schema_field(serializers.DateTimeField)
    def get_updatedAt(self, deploy: Deploy) -> Any:
        at = deploy.active_at or deploy.finalized_at or deploy.created_at
        return serializers.DateTimeField().to_representation(at)

    @extend_schema_field(BasicSubjectProfile)
    def get_createdBySubject(self, deploy: Deploy) -> dict[str, Any]:
        return principal(deploy.created_by_kind, deploy.created_by_id, deploy.created_by_label)


DeploysPaginated = page_of("DeploysPaginated", "deploys", DeployJson)


class DeploysQuery(Page):
    pass


class CreateDeployGitRequest(Asked):
    provider = Choice(["GENERIC", "GITHUB"])
    commitSha = Text(max_length=100)
    account = Text(max_length=200, required=False, allow_blank=True)
    authorName = Text(max_length=200, required=False, allow_blank=True)
    authorUrl = Text(max_length=500, required=False, allow_blank=True)
    authorUsername = Text(max_length=200, required=False, allow_blank=True)
    beforeCommitSha = Text(max_length=100, required=False, allow_blank=True)
    branch = Text(max_length=200, required=False, allow_blank=True)
    commitUrl = Text(max_length=500, required=False, allow_blank=True)
    path = Text(max_length=500, required=False, allow_blank=True)
    remoteUrl = Text(max_length=500, required=False, allow_blank=True)
    repo = Text(max_length=200, required=False, allow_blank=True)


class UpdateDeployRequest(Asked):
    description = Text(max_length=500, allow_blank=True, default="")


class DeployRollbackRequest(UpdateDeployRequest):
    pass


class CreateDeployRequest(UpdateDeployRequest):
    type = Choice(Deploy.Kind.values)
    git = CreateDeployGitRequest(required=False)
    bundleMountPath = Absent(_NO_BUNDLES)
    bundleType = Absent(_NO_BUNDLES)


class FinalizeDeployRequest(Asked):
    dagTarballVersion = Text(max_length=64)
    bundleTarballVersion = Absent(_NO_BUNDLES)
