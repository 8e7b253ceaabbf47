from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from access.actor import Actor
from access.permissions import Permission
from api.v1.subjects import person
from deployments.lifecycle import Status
from deployments.models import Deploy, Deployment
from deployments.spec import airflow_url
from runtime import catalogue

_MACHINE = "A5"
_SCHEDULERS = {
    "SMALL": ("1", "2Gi"),
    "MEDIUM": ("2", "4Gi"),
    "LARGE": ("4", "8Gi"),
    "EXTRA_LARGE": ("8", "16Gi"),
}


class DeploymentJson(serializers.Serializer[Deployment]):
    """Every field that a client dereferences without asking is always there.

    Figures of pods and machines describe the published sizes; the local cluster runs processes.
    """

    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    namespace = serializers.CharField()
    type = serializers.ReadOnlyField(default="STANDARD")
    organizationId = serializers.CharField(source="organization_id")
    workspaceId = serializers.CharField(source="workspace_id")
    workspaceName = serializers.CharField(source="workspace.name")
    clusterId = serializers.CharField(source="cluster_id")
    clusterName = serializers.CharField(source="cluster.name")
    region = serializers.CharField(source="cluster.name")
    status = serializers.SerializerMethodField()
    statusReason = serializers.SerializerMethodField()
    runtimeVersion = serializers.CharField(source="runtime_version")
    astroRuntimeVersion = serializers.CharField(source="runtime_version")
    airflowVersion = serializers.SerializerMethodField()
    executor = serializers.CharField()
    schedulerSize = serializers.CharField(source="scheduler_size")
    schedulerReplicas = serializers.ReadOnlyField(default=1)
    schedulerCpu = serializers.SerializerMethodField()
    schedulerMemory = serializers.SerializerMethodField()
    isDevelopmentMode = serializers.BooleanField(source="is_development_mode")
    isHighAvailability = serializers.ReadOnlyField(default=False)
    isCicdEnforced = serializers.BooleanField(source="enforces_ci_cd")
    isDagDeployEnabled = serializers.ReadOnlyField(default=True)
    contactEmails = serializers.ListField(source="contact_emails")
    dagTarballVersion = serializers.SerializerMethodField()
    desiredDagTarballVersion = serializers.SerializerMethodField()
    imageRepository = serializers.ReadOnlyField(default="")
    imageTag = serializers.ReadOnlyField(default="")
    imageVersion = serializers.ReadOnlyField(default="")
    defaultTaskPodCpu = serializers.ReadOnlyField(default="0.25")
    defaultTaskPodMemory = serializers.ReadOnlyField(default="0.5Gi")
    resourceQuotaCpu = serializers.ReadOnlyField(default="10")
    resourceQuotaMemory = serializers.ReadOnlyField(default="20Gi")
    webServerCpu = serializers.ReadOnlyField(default="0.5")
    webServerMemory = serializers.ReadOnlyField(default="1.5Gi")
    webServerReplicas = serializers.ReadOnlyField(default=1)
    webServerUrl = serializers.SerializerMethodField()
    webServerIngressHostname = serializers.SerializerMethodField()
    webServerAirflowApiUrl = serializers.SerializerMethodField()
    apiUrl = serializers.SerializerMethodField()
    uiUrl = serializers.SerializerMethodField()
    environmentVariables = serializers.SerializerMethodField()
    workerQueues = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    createdBy = serializers.SerializerMethodField()
    updatedBy = serializers.SerializerMethodField()

    def get_status(self, row: Deployment) -> str:
        return Status.DEPLOYING if row.status == Status.DELETING else row.status

    def get_statusReason(self, row: Deployment) -> str:
        is_going = row.status == Status.DELETING
        return "The Deployment is being deleted" if is_going else row.status_reason

    def get_airflowVersion(self, row: Deployment) -> str:
        try:
            return catalogue.get(row.runtime_version).airflow_version
        except catalogue.UnknownRuntimeError:
            return ""

    def get_schedulerCpu(self, row: Deployment) -> str:
        return _SCHEDULERS[row.scheduler_size][0]

    def get_schedulerMemory(self, row: Deployment) -> str:
        return _SCHEDULERS[row.scheduler_size][1]

    def get_dagTarballVersion(self, row: Deployment) -> str:
        """What Airflow serves; it differs from the wish while a deploy is under way."""
        served: dict[str, str] = self.context["served"]
        return served.get(row.active_deploy_id, "")

    def get_desiredDagTarballVersion(self, row: Deployment) -> str:
        return row.current_deploy.upload_version if row.current_deploy else ""

    def get_webServerUrl(self, row: Deployment) -> str:
        return _bare(airflow_url(row))

    def get_webServerIngressHostname(self, row: Deployment) -> str:
        return _bare(airflow_url(row)).partition("/")[0]

    def get_webServerAirflowApiUrl(self, row: Deployment) -> str:
        """Without a scheme: clients put `https://` before it."""
        version = "v2" if self.get_airflowVersion(row).startswith("3") else "v1"
        return f"{_bare(airflow_url(row))}/api/{version}"

    get_apiUrl = get_webServerAirflowApiUrl

    def get_uiUrl(self, row: Deployment) -> str:
        return airflow_url(row)

    def get_environmentVariables(self, row: Deployment) -> list[dict[str, Any]]:
        """A secret comes without its value, here as everywhere; none for who may not see them."""
        if not self.context["actor"].can(Permission.DEPLOYMENT_ENV_OBJECTS_GET, row):
            return []
        field = serializers.DateTimeField()
        return [
            {
                "key": each.key,
                "value": "" if each.is_secret else each.value,
                "isSecret": each.is_secret,
                "updatedAt": field.to_representation(each.updated_at),
            }
            for each in row.variables.all()
        ]

    def get_workerQueues(self, row: Deployment) -> list[dict[str, Any]]:
        if row.executor != Deployment.Executor.CELERY:
            return []
        return [
            {
                "id": row.pk,
                "name": "default",
                "isDefault": True,
                "astroMachine": _MACHINE,
                "minWorkerCount": 1,
                "maxWorkerCount": 1,
                "workerConcurrency": 5,
                "podCpu": "1",
                "podMemory": "2Gi",
                "podEphemeralStorage": "10Gi",
            }
        ]

    def get_createdBy(self, row: Deployment) -> dict[str, Any]:
        return person(row.created_by)

    get_updatedBy = get_createdBy


def context(actor: Actor, rows: Sequence[Deployment]) -> dict[str, Any]:
    """What DeploymentJson needs: who asks, and the version that each row serves, in one query."""
    ids = {row.active_deploy_id for row in rows} - {""}
    served = Deploy.objects.filter(pk__in=ids).values_list("pk", "upload_version")
    return {"actor": actor, "served": dict(served)}


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/")
