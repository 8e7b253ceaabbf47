from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from access.actor import Actor
from access.permissions import Permission
from api.v1.wire.base import NamedPage, Shown, page_of
from api.v1.wire.deployment_parts import (
    DeploymentEnvironmentVariable,
    DeploymentScalingSpec,
    DeploymentScalingStatus,
    WorkerQueue,
)
from api.v1.wire.fields import texts
from api.v1.wire.options import SCHEDULERS
from api.v1.wire.subjects import BasicSubjectProfile, person
from deployments.lifecycle import Status
from deployments.models import Deploy, Deployment, Wish
from deployments.spec import airflow_url

WIRE_STATUSES = [status.value for status in Status if status not in ("DELETING", "DELETED")]
_MACHINE = "A5"


class DeploymentJson(Shown[Deployment]):
    """Every field that a client dereferences without asking is always there.

    Figures of pods and machines describe the published sizes; the local cluster runs processes.
    """

    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    namespace = serializers.CharField()
    type = serializers.ChoiceField(choices=["DEDICATED", "HYBRID", "STANDARD"], default="STANDARD")
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
    airflowVersion = serializers.CharField(source="airflow_version")
    executor = serializers.ChoiceField(choices=Deployment.Executor.values)
    schedulerSize = serializers.ChoiceField(
        choices=Deployment.SchedulerSize.values, source="scheduler_size"
    )
    schedulerReplicas = serializers.IntegerField(default=1)
    schedulerCpu = serializers.SerializerMethodField()
    schedulerMemory = serializers.SerializerMethodField()
    isDevelopmentMode = serializers.BooleanField(source="is_development_mode")
    isHighAvailability = serializers.BooleanField(default=False)
    isCicdEnforced = serializers.BooleanField(source="enforces_ci_cd")
    isDagDeployEnabled = serializers.BooleanField(default=True)
    contactEmails = serializers.ListField(child=serializers.CharField(), source="contact_emails")
    dagTarballVersion = serializers.SerializerMethodField()
    desiredDagTarballVersion = serializers.SerializerMethodField()
    imageRepository = serializers.CharField(default="")
    imageTag = serializers.CharField(default="")
    imageVersion = serializers.CharField(default="")
    defaultTaskPodCpu = serializers.CharField(default="0.25")
    defaultTaskPodMemory = serializers.CharField(default="0.5Gi")
    resourceQuotaCpu = serializers.CharField(default="10")
    resourceQuotaMemory = serializers.CharField(default="20Gi")
    webServerCpu = serializers.CharField(default="0.5")
    webServerMemory = serializers.CharField(default="1.5Gi")
    webServerReplicas = serializers.IntegerField(default=1)
    webServerUrl = serializers.SerializerMethodField()
    webServerIngressHostname = serializers.SerializerMethodField()
    webServerAirflowApiUrl = serializers.SerializerMethodField()
    apiUrl = serializers.SerializerMethodField()
    uiUrl = serializers.SerializerMethodField()
    environmentVariables = serializers.SerializerMethodField()
    scalingSpec = serializers.SerializerMethodField()
    scalingStatus = serializers.SerializerMethodField()
    workerQueues = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    createdBy = serializers.SerializerMethodField()
    updatedBy = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "enum": WIRE_STATUSES})
    def get_status(self, row: Deployment) -> str:
        return Status.DEPLOYING if row.status == Status.DELETING else row.status

    def get_statusReason(self, row: Deployment) -> str:
        is_going = row.status == Status.DELETING
        return "The Deployment is being deleted" if is_going else row.status_reason

    def get_schedulerCpu(self, row: Deployment) -> str:
        return SCHEDULERS[row.scheduler_size][0]

    def get_schedulerMemory(self, row: Deployment) -> str:
        return SCHEDULERS[row.scheduler_size][1]

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
        version = "v2" if row.airflow_version.startswith("3") else "v1"
        return f"{_bare(airflow_url(row))}/api/{version}"

    get_apiUrl = get_webServerAirflowApiUrl

    def get_uiUrl(self, row: Deployment) -> str:
        return airflow_url(row)

    @extend_schema_field(DeploymentEnvironmentVariable(many=True))
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

    @extend_schema_field(WorkerQueue(many=True))
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

    @extend_schema_field(DeploymentScalingSpec)
    def get_scalingSpec(self, row: Deployment) -> dict[str, Any]:
        return {"hibernationSpec": {"override": override(row), "schedules": []}}

    @extend_schema_field(DeploymentScalingStatus)
    def get_scalingStatus(self, row: Deployment) -> dict[str, Any]:
        reason = "Put to sleep by hand" if not row.is_awake else ""
        return {"hibernationStatus": {"isHibernating": row.is_asleep, "reason": reason}}

    @extend_schema_field(BasicSubjectProfile)
    def get_createdBy(self, row: Deployment) -> dict[str, Any]:
        return person(row.created_by)

    get_updatedBy = get_createdBy


DeploymentsPaginated = page_of("DeploymentsPaginated", "deployments", DeploymentJson)


class DeploymentsQuery(NamedPage):
    deploymentIds = texts()
    names = texts()
    workspaceIds = texts()


def override(row: Deployment) -> dict[str, bool]:
    """Somebody's wish that it sleeps; there is none while it runs, as nothing else can end that."""
    is_asleep = row.wish == Wish.STOPPED
    return {"isActive": is_asleep, "isHibernating": is_asleep}


def context(actor: Actor, rows: Sequence[Deployment]) -> dict[str, Any]:
    """What DeploymentJson needs: who asks, and the version that each row serves, in one query."""
    ids = {row.active_deploy_id for row in rows} - {""}
    served = Deploy.objects.filter(pk__in=ids).values_list("pk", "upload_version")
    return {"actor": actor, "served": dict(served)}


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/")
